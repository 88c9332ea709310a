import asyncio

import pytest

from service.errors import OverloadedError
from service.http.uploads import Upload, UploadEvictedError, Uploads


async def stuck(uploads: Uploads, count: int, began: asyncio.Event) -> None:
    async with uploads.arriving() as upload:
        uploads.grow(upload, count)
        began.set()
        await asyncio.Event().wait()


async def started(uploads: Uploads, count: int) -> asyncio.Task[None]:
    began = asyncio.Event()
    task = asyncio.create_task(stuck(uploads, count, began))
    await began.wait()
    return task


async def arrived(uploads: Uploads, count: int) -> Upload:
    async with uploads.arriving() as upload:
        uploads.grow(upload, count)
        return upload


async def test_what_takes_too_long_is_given_up_and_holds_nothing() -> None:
    uploads = Uploads(most_bytes=100, timeout_s=0.01)
    with pytest.raises(TimeoutError):
        await stuck(uploads, 10, asyncio.Event())
    assert uploads.held_bytes == 0


async def test_a_body_is_held_until_it_is_released() -> None:
    uploads = Uploads(most_bytes=100, timeout_s=60)
    await arrived(uploads, 10)
    assert uploads.held_bytes == 10
    uploads.release(10)
    assert uploads.held_bytes == 0


async def test_the_oldest_of_the_large_makes_room_for_who_sends_at_once() -> None:
    uploads = Uploads(most_bytes=100, timeout_s=60)
    small, large, later = [await started(uploads, count) for count in (1, 45, 45)]
    await arrived(uploads, 20)
    with pytest.raises(UploadEvictedError):
        await large
    assert uploads.held_bytes == 1 + 45 + 20
    assert not small.done()
    assert not later.done()
    for task in (small, later):
        task.cancel()
    await asyncio.wait([small, later])
    assert uploads.held_bytes == 20


async def test_where_all_is_being_answered_there_is_no_room() -> None:
    uploads = Uploads(most_bytes=100, timeout_s=60)
    await arrived(uploads, 90)
    with pytest.raises(OverloadedError):
        await arrived(uploads, 20)
    assert uploads.held_bytes == 90
