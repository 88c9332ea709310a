"""The request bodies in memory: their total size, and which upload is evicted when it is too large.

A body counts from its first byte until its request is answered. At the limit, the oldest upload of at least average
size is evicted, so that a client that sends quickly is answered however many others dawdle.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.errors import OverloadedError


class UploadEvictedError(Exception):
    """This upload was given up to make room for another."""


@dataclass(eq=False, slots=True)
class Upload:
    """A body that is arriving; if evicted, it made room for another."""

    timeout: asyncio.Timeout
    held_bytes: int = 0
    evicted: bool = False


class Uploads:
    """The bodies of a process, `held_bytes` of `most_bytes`; one has `timeout_s` to arrive. For one event loop."""

    def __init__(self, most_bytes: int, timeout_s: float) -> None:
        self._most_bytes, self._timeout_s = most_bytes, timeout_s
        self.held_bytes = 0
        self._arriving: dict[Upload, None] = {}  # the oldest first

    @asynccontextmanager
    async def arriving(self) -> AsyncIterator[Upload]:
        """Receive a body within the block; the caller releases its bytes (`release`) once it is answered.

        Raises:
            TimeoutError: it did not arrive in time.
            UploadEvictedError: it made room for another.
        """
        upload = None
        try:
            async with asyncio.timeout(self._timeout_s) as timeout:
                upload = Upload(timeout)
                self._arriving[upload] = None
                yield upload
        except BaseException as error:
            if upload is not None:
                self.release(upload.held_bytes)
                if isinstance(error, TimeoutError) and upload.evicted:
                    raise UploadEvictedError from None
            raise
        finally:
            if upload is not None:
                self._arriving.pop(upload, None)

    def grow(self, upload: Upload, count: int) -> None:
        """Count further bytes of a body.

        Raises:
            OverloadedError: there is no room, and no other upload to evict.
        """
        upload.held_bytes += count
        self.held_bytes += count
        if self.held_bytes > self._most_bytes:
            self._make_room(upload)

    def hold(self, count: int) -> None:
        """Count the bytes by which decompression changed a body's size; negative if it became smaller."""
        self.held_bytes += count

    def release(self, count: int) -> None:
        """Stop counting the bytes of an answered request."""
        self.held_bytes -= count

    def _make_room(self, upload: Upload) -> None:
        others = [one for one in self._arriving if one is not upload and not one.evicted]
        if not others:
            raise OverloadedError("the service is receiving too much at once; try again later", retry_after_s=1)
        share = sum(one.held_bytes for one in others) / len(others)
        oldest = next(one for one in others if one.held_bytes >= share)
        oldest.evicted = True
        oldest.timeout.reschedule(asyncio.get_running_loop().time())
