from prometheus_client import generate_latest

from loadtests.load.exporter import PREFIX, registry_of
from tests.loadtests.load.fleets import STARTED_AT, Clock, fleet, tell


def test_it_tells_how_the_run_is() -> None:
    clock = Clock()
    one = fleet("--shape", "flash", "--duration", "10", "--rate", "20", clock=clock)
    tell(one, range(3), latency_s=0.03, refused=2)
    clock.now = STARTED_AT + 4
    registry = registry_of(one)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"{PREFIX}{name}", labels)

    assert value("info", shape="flash", seed="17") == 1
    assert [value("phase", phase=phase) for phase in ("before", "flash", "after")] == [0, 1, 0]
    assert value("asked_rate") == 200
    assert (value("second"), value("duration_seconds"), value("devices")) == (4, 10, 5000)
    assert value("started_at") == STARTED_AT
    assert (value("asked_total"), value("answered_total"), value("refused_total")) == (30, 30, 6)
    assert (value("sessions_total") or 0) >= (value("seen_devices") or 0) > 0
    assert value("from_intended_seconds_bucket", le="0.025") == 0
    assert value("from_intended_seconds_bucket", le="0.05") == value("from_intended_seconds_count") == 30
    assert abs((value("from_intended_seconds_sum") or 0) - 0.9) < 0.02
    assert value("workers") == 2


def test_before_and_after_the_run_nothing_is_asked() -> None:
    clock = Clock()
    one = fleet("--duration", "10", clock=clock)
    registry = registry_of(one)
    for now in (STARTED_AT - 1, STARTED_AT + 11):
        clock.now = now
        assert registry.get_sample_value(f"{PREFIX}asked_rate") == 0
        assert registry.get_sample_value(f"{PREFIX}phase", {"phase": "steady"}) == 0


def test_prometheus_can_read_it() -> None:
    assert b"edge_rank_fleet_from_sent_seconds_bucket" in generate_latest(registry_of(fleet()))
