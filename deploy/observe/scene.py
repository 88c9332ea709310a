"""The scene of the check: a real service, Redis, Prometheus and load test, and the events in it."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.observe.load import load_test
from deploy.observe.prometheus_process import PrometheusProcess, prometheus_process
from deploy.observe.traffic import Traffic
from loadtests.harness.processes import SERVE, Serving, free_port, serving
from loadtests.harness.redis_process import RedisProcess, redis_executable, redis_process
from service.settings import BUNDLED_MODEL

JOB, LOAD_JOB = "edge-rank", "edge-rank-load"
_RATE, _PHASE_S, _SWAP_S = 5.0, 8.0, 5.0
_SETTINGS = {
    "EDGE_RANK_MEMORY_TTL_S": "0.5",  # so that Redis is asked
    "EDGE_RANK_REDIS_COOLDOWN_S": "0.5",
    "EDGE_RANK_DEADLINE_MS": "1000",  # so that a burst is refused
}


@dataclass(frozen=True)
class Watched:
    """The scene after its events.

    Attributes:
        prometheus: still running.
        start: of the traffic, in seconds since the epoch.
        end: when all of it had been scraped.
        exported: names of the samples of the service and the load test.
        statuses: number of answers by status.
    """

    prometheus: PrometheusProcess
    start: float
    end: float
    exported: frozenset[str]
    statuses: Counter[int]


@contextmanager
def watched(workers: int) -> Iterator[Watched]:
    """Run the scene with a number of service processes; Prometheus runs until the block ends."""
    with tempfile.TemporaryDirectory() as folder, redis_process(redis_executable()) as redis:
        model = Path(folder, "model")
        model.symlink_to(BUNDLED_MODEL)
        environment = {
            **_SETTINGS,
            "EDGE_RANK_WORKERS": str(workers),
            "EDGE_RANK_REDIS_URL": redis.url,
            "EDGE_RANK_MODEL": str(model),
        }
        exporter_port = free_port()
        with (
            serving(SERVE, environment=environment) as service,
            prometheus_process({JOB: service.port, LOAD_JOB: exporter_port}) as prometheus,
        ):
            start = time.time()
            with load_test(service.url, exporter_port) as exporter:
                of_load = _samples(exporter)
                statuses = asyncio.run(_happen(service, redis, model))
                time.sleep(3)  # until the last samples are scraped and the rules evaluated
            yield Watched(prometheus, start, time.time(), _samples(service.url) | of_load, statuses)


def _samples(url: str) -> frozenset[str]:
    """Names of the samples at an address."""
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return frozenset(line.split("{")[0].split(" ")[0] for line in lines if line and not line.startswith("#"))


async def _happen(service: Serving, redis: RedisProcess, model: Path) -> Counter[int]:
    traffic = Traffic(service.url)
    await traffic.others()
    await traffic.flow(_PHASE_S, _RATE)
    redis.kill()
    await traffic.flow(_PHASE_S, _RATE)
    await asyncio.to_thread(redis.start)
    await traffic.flow(_PHASE_S, _RATE)
    await traffic.burst()
    await _swap(service, model)
    await traffic.flow(_PHASE_S, _RATE)
    await traffic.close()
    return traffic.statuses


async def _swap(service: Serving, model: Path) -> None:
    """Swap to an invalid model, then to a valid one."""
    for target in (await asyncio.to_thread(_broken, model.with_name("broken")), BUNDLED_MODEL):
        await asyncio.to_thread(_lead, model, target)
        os.kill(service.pid, signal.SIGHUP)
        await asyncio.sleep(_SWAP_S)


def _broken(folder: Path) -> Path:
    shutil.copytree(BUNDLED_MODEL, folder)
    (folder / "vocab.txt").write_text("[PAD]\n", encoding="utf-8")
    return folder


def _lead(link: Path, target: Path) -> None:
    link.unlink()
    link.symlink_to(target)
