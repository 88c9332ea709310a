import asyncio
import time

from service.process.yielding import SLICE_S, TimeSlice


async def test_others_get_their_turns_once_a_slice_is_used_up() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await asyncio.sleep(0)
    time_slice, before = TimeSlice(), turns
    await time_slice.checkpoint()
    assert turns == before, "there was time left"
    for round_ in range(1, 4):
        time.sleep(2 * SLICE_S)  # noqa: ASYNC251 -- stands for work
        await time_slice.checkpoint()
        assert turns == before + round_
    beside.cancel()
