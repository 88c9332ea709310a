import asyncio
import math
import time
from collections import Counter

import pytest

from service.admission.pacing import STARTS_PER_PASS, RequestPacer, units_of
from service.errors import DeadlineExceededError


async def come(turns: RequestPacer, body_bytes: int = 0, due_s: float = math.inf) -> None:
    units = units_of(body_bytes)
    await turns.wait(turns.schedule.offer([units], due_s, time.perf_counter()), units, due_s)


def wait_s(turns: RequestPacer) -> float:
    now_s = time.perf_counter()
    return turns.schedule.offer([units_of(0)], math.inf, now_s).done_s - now_s


class Visitor:
    """Comes to turns, notes in which pass it began, and works on for some passes."""

    def __init__(self, turns: RequestPacer, passes: int = 0) -> None:
        self.began: int | None = None
        self.ended: int | None = None
        self._pacer, self._passes = turns, passes

    async def visit(self, clock: "Passes") -> None:
        await come(self._pacer)
        self.began = clock.count
        for _ in range(self._passes):
            await asyncio.sleep(0)
        self.ended = clock.count


class Passes:
    """Counts the passes of the event loop."""

    def __init__(self) -> None:
        self.count = 0
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._next)

    def _next(self) -> None:
        self.count += 1
        if self.count < 200:
            self._loop.call_soon(self._next)


async def test_few_begin_in_a_pass_in_order_and_nobody_who_has_begun_waits() -> None:
    turns, clock = RequestPacer(), Passes()
    visitors = [Visitor(turns, passes=5) for _ in range(20)]
    await asyncio.gather(*(one.visit(clock) for one in visitors))
    began = [one.began or 0 for one in visitors]
    assert began == sorted(began)
    assert max(Counter(began).values()) <= 2 * STARTS_PER_PASS
    assert len(set(began)) >= 20 / STARTS_PER_PASS - 2
    assert all((one.ended or 0) - (one.began or 0) == 5 for one in visitors)


async def test_who_comes_alone_does_not_wait() -> None:
    turns, clock = RequestPacer(), Passes()
    for _ in range(3):
        visitor = Visitor(turns)
        before = clock.count
        await visitor.visit(clock)
        assert visitor.began == before
        await asyncio.sleep(0.01)
    assert len(turns) == 0


async def test_who_has_gone_away_is_passed_over() -> None:
    turns, clock = RequestPacer(), Passes()
    visitors = [Visitor(turns) for _ in range(STARTS_PER_PASS + 3)]
    visits = [asyncio.create_task(one.visit(clock)) for one in visitors]
    await asyncio.sleep(0)
    visits[STARTS_PER_PASS].cancel()
    visits[STARTS_PER_PASS + 1].cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    assert [one.began is not None for one in visitors] == [*[True] * STARTS_PER_PASS, False, False, True]


async def test_the_wait_is_as_long_as_the_work_of_those_before() -> None:
    turns = RequestPacer()

    async def work() -> None:
        await come(turns)
        time.sleep(0.004)  # noqa: ASYNC251 -- the loop is at work

    visits = [asyncio.create_task(work()) for _ in range(60)]
    await asyncio.sleep(0)
    await asyncio.wait(visits[:20])
    learned = wait_s(turns)
    await asyncio.gather(*visits)
    assert 0.08 < learned < 1.6  # forty, of which each takes four milliseconds, on a machine that may be busy
    assert len(turns) == 0


async def test_who_has_little_to_ask_passes_who_has_much() -> None:
    turns, begun = RequestPacer(), []

    async def visit(name: str, body_bytes: int) -> None:
        await come(turns, body_bytes)
        begun.append(name)

    first = [asyncio.create_task(visit(f"first {number}", 0)) for number in range(STARTS_PER_PASS)]
    large = [asyncio.create_task(visit("large", 2_000_000))]
    small = [asyncio.create_task(visit(f"small {number}", 0)) for number in range(3)]
    await asyncio.gather(*first, *large, *small)
    assert begun == [
        *(f"first {number}" for number in range(STARTS_PER_PASS)),
        "small 0",
        "small 1",
        "small 2",
        "large",
    ]


async def test_late_work_is_refused_and_not_begun() -> None:
    turns = RequestPacer()

    async def work() -> None:
        await come(turns)
        time.sleep(0.02)  # noqa: ASYNC251 -- the loop is at work

    visits = [asyncio.create_task(work()) for _ in range(10)]
    late = asyncio.create_task(come(turns, due_s=time.perf_counter() + 0.03))
    with pytest.raises(DeadlineExceededError):
        await late
    await asyncio.gather(*visits)
