"""Fleets whose workers tell what a test says."""

from loadtests.load.fleet import Fleet
from loadtests.load.recording import Second
from tests.loadtests.load.plans import plan

STARTED_AT = 1_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = STARTED_AT

    def __call__(self) -> float:
        return self.now


def fleet(*arguments: str, clock: Clock | None = None, workers: int = 2) -> Fleet:
    return Fleet(
        plan(*arguments),
        host="http://127.0.0.1:9",
        workers=workers,
        started_at=STARTED_AT,
        now=clock or Clock(),
    )


def tell(one: Fleet, seconds: range, *, latency_s: float = 0.01, worker: int = 0, **counts: int) -> None:
    told = []
    for number in seconds:
        second = Second(number, asked=10, sent=10, answered=10)
        for name, count in counts.items():
            setattr(second, name, count)
        for latencies in (second.from_intended, second.from_sent, second.until_answered):
            for _ in range(second.answered):
                latencies.add(latency_s)
        told.append(second.to_json())
    one.add(worker, told, processor_s=1.5)
