import os
from pathlib import Path

from prometheus_client import CollectorRegistry

from service.metrics.usage import UsageCollector
from service.metrics.worker_roster import Roster, write_roster


def read(folder: Path | None, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(UsageCollector(folder))
    return registry.get_sample_value(f"edge_rank_{name}", labels)


def test_a_process_alone_tells_what_it_takes_itself() -> None:
    assert (read(None, "process_cpu_seconds_total", worker="0") or 0) > 0
    assert (read(None, "process_resident_memory_bytes", worker="0") or 0) > 10_000_000
    assert read(None, "workers") == 1
    assert read(None, "worker_restarts_total") == 0


def test_any_worker_tells_what_all_take(tmp_path: Path) -> None:
    write_roster(tmp_path, Roster({0: os.getpid(), 3: os.getppid(), 4: 2**22 + 1}, restarts=5))
    for slot in ("0", "3"):
        assert (read(tmp_path, "process_resident_memory_bytes", worker=slot) or 0) > 1_000_000
    assert read(tmp_path, "process_cpu_seconds_total", worker="4") is None, "there is no such process"
    assert read(tmp_path, "workers") == 3
    assert read(tmp_path, "worker_restarts_total") == 5


def test_before_there_is_a_roster_nobody_is_told_of(tmp_path: Path) -> None:
    assert read(tmp_path, "workers") == 0
