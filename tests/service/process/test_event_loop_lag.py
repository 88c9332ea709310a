import asyncio
import time

from service.process.event_loop_lag import EventLoopLag
from tests.service.clocks import Clock


async def test_a_loop_that_stands_still_is_late() -> None:
    with EventLoopLag(0.08) as watch:
        await asyncio.sleep(0)
        time.sleep(0.2)  # noqa: ASYNC251 -- as a collection of garbage would
        await asyncio.sleep(0)
    assert watch.lag_s >= 0.18


async def test_a_loop_that_turns_is_on_time() -> None:
    clock = Clock()
    with EventLoopLag(0.008, clock) as watch:
        for _ in range(20):
            await asyncio.sleep(0.001)
            clock.now = watch._due
    assert watch.lag_s == 0


async def test_what_passed_by_the_end_counts() -> None:
    clock = Clock()
    with EventLoopLag(8, clock) as watch:
        clock.now = 7
    assert watch.lag_s == 6
