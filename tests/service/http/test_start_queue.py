import asyncio

from service.http.start_queue import StartQueue


async def started(count: int, starts: StartQueue) -> list[int]:
    """The pass of the loop in which each request began."""
    passes = 0
    began: dict[int, int] = {}

    async def come(place: int) -> None:
        await starts.wait()
        began[place] = passes

    tasks = [asyncio.create_task(come(place)) for place in range(count)]
    while len(began) < count:
        await asyncio.sleep(0)
        passes += 1
    await asyncio.gather(*tasks)
    assert sorted(began) == list(range(count))
    return [began[place] for place in range(count)]


async def test_few_begin_at_once_and_in_order() -> None:
    began = await started(6, StartQueue())
    assert began == sorted(began)
    assert max(began.count(one) for one in began) == 1


async def test_many_wait_for_few_passes() -> None:
    began = await started(200, StartQueue())
    assert began == sorted(began)
    assert max(began) < 40
    assert max(began.count(one) for one in began) <= 200 // 8


async def test_who_leaves_takes_no_turn_of_another() -> None:
    starts = StartQueue()
    tasks = [asyncio.create_task(starts.wait()) for _ in range(8)]
    await asyncio.sleep(0)
    for task in tasks[2:6]:
        task.cancel()
    async with asyncio.timeout(5):
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one is None for one in ended] == [True] * 2 + [False] * 4 + [True] * 2
    async with asyncio.timeout(5):
        await starts.wait()
