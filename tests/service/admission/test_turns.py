import asyncio
import time
from collections import Counter

import pytest

from service.middleware.turns import A_PASS, Turns


class Visitor:
    """Comes to turns, notes in which pass it began, and works on for some passes."""

    def __init__(self, turns: Turns, passes: int = 0) -> None:
        self.began: int | None = None
        self.ended: int | None = None
        self._turns, self._passes = turns, passes

    async def visit(self, clock: "Passes") -> None:
        await self._turns.come()
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
    turns, clock = Turns(), Passes()
    visitors = [Visitor(turns, passes=5) for _ in range(20)]
    await asyncio.gather(*(one.visit(clock) for one in visitors))
    began = [one.began or 0 for one in visitors]
    assert began == sorted(began)
    assert max(Counter(began).values()) <= 2 * A_PASS
    assert len(set(began)) >= 20 / A_PASS - 2
    assert all((one.ended or 0) - (one.began or 0) == 5 for one in visitors)


async def test_who_comes_alone_does_not_wait() -> None:
    turns, clock = Turns(), Passes()
    for _ in range(3):
        visitor = Visitor(turns)
        before = clock.count
        await visitor.visit(clock)
        assert visitor.began == before
        await asyncio.sleep(0.01)
    assert turns.wait_s == 0


async def test_who_has_gone_away_is_passed_over() -> None:
    turns, clock = Turns(), Passes()
    visitors = [Visitor(turns) for _ in range(A_PASS + 3)]
    visits = [asyncio.create_task(one.visit(clock)) for one in visitors]
    await asyncio.sleep(0)
    visits[A_PASS].cancel()
    visits[A_PASS + 1].cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    assert [one.began is not None for one in visitors] == [*[True] * A_PASS, False, False, True]


async def test_the_wait_is_as_many_passes_as_there_are_before() -> None:
    turns = Turns()

    async def work() -> None:
        await turns.come()
        time.sleep(0.004)  # noqa: ASYNC251 -- the loop is at work

    visits = [asyncio.create_task(work()) for _ in range(60)]
    await asyncio.sleep(0)
    guessed = turns.wait_s
    await asyncio.wait(visits[:40])
    learned = turns.wait_s
    await asyncio.gather(*visits)
    assert guessed == pytest.approx((60 - A_PASS) / A_PASS * 0.001)
    assert 0.02 < learned < 0.3  # fewer than 20, of which each takes four milliseconds
    assert turns.wait_s == 0
