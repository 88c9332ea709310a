import asyncio
import math

from service.http.bounds import Bounds
from service.http.connections import Connections
from service.metrics.registry import Metrics
from tests.service.apps import until


class Fake:
    """A connection that notes what it is told."""

    def __init__(self, due_s: float = math.inf) -> None:
        self.due_s = due_s
        self.told: list[str] = []

    def expire(self) -> None:
        self.due_s = math.inf
        self.told.append("expired")

    def abort(self) -> None:
        self.told.append("aborted")


def connections(most: int) -> Connections:
    metrics = Metrics()
    return Connections(Bounds(connections=most), metrics.connections, metrics.refused)


async def test_the_one_that_has_waited_longest_makes_room() -> None:
    kept, (working, first, second, new) = connections(3), [Fake() for _ in range(4)]
    for one in (working, first, second):
        assert kept.add(one)
        kept.waits(one)
    kept.works(working)
    kept.waits(first)  # its last request has just been answered
    assert kept.add(new)
    assert [one.told for one in (working, first, second, new)] == [[], [], ["aborted"], []]
    assert len(kept) == 3


async def test_where_all_are_in_work_there_is_no_room() -> None:
    kept = connections(2)
    assert kept.add(Fake())
    assert kept.add(Fake())
    assert not kept.add(Fake())
    assert len(kept) == 2


async def test_one_whose_time_has_passed_is_reported() -> None:
    kept = connections(2)
    late, patient = Fake(due_s=asyncio.get_running_loop().time()), Fake()
    kept.add(late)
    kept.add(patient)
    await until(lambda: late.told)
    assert late.told == ["expired"]
    assert patient.told == []
    kept.remove(late)
    kept.remove(patient)
    assert len(kept) == 0
