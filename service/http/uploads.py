"""The bodies that are in memory: how many bytes they have together, and who gives way when they are too many.

A body counts from its first byte until its request is answered. Where there is no room, the upload that has taken the
longest, of those that hold as much as most do, is given up: a client that sends at once is answered whoever dawdles.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.errors import OverloadedError

COMPLETE = "complete_s"
"""In the state of a request whose body is there as a whole: since when, in `time.perf_counter` seconds."""


class UploadEvictedError(Exception):
    """This upload made room for another."""


@dataclass(eq=False, slots=True)
class Upload:
    """A body that is arriving.

    Attributes:
        timeout: ends the wait for it.
        held_bytes: what has come.
        evicted: whether it is given up.
    """

    timeout: asyncio.Timeout
    held_bytes: int = 0
    evicted: bool = False


class Uploads:
    """Used from one event loop."""

    def __init__(self, most_bytes: int, timeout_s: float) -> None:
        """Hold none yet.

        Args:
            most_bytes: of all bodies together.
            timeout_s: for one to arrive.
        """
        self._most_bytes, self._timeout_s = most_bytes, timeout_s
        self._held_bytes = 0
        self._arriving: dict[Upload, None] = {}  # the one that has taken the longest first

    @property
    def held_bytes(self) -> int:
        """Of all bodies together."""
        return self._held_bytes

    @asynccontextmanager
    async def arriving(self) -> AsyncIterator[Upload]:
        """Within the block a body arrives; what it holds is to be let go of with `release` once it is answered.

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
        """More of a body is there.

        Raises:
            OverloadedError: there is no room for it, and none that it could have instead.
        """
        upload.held_bytes += count
        self._held_bytes += count
        if self._held_bytes > self._most_bytes:
            self._make_room(upload)

    def hold(self, count: int) -> None:
        """So many bytes are held beside those that came; fewer than none if they are less."""
        self._held_bytes += count

    def release(self, count: int) -> None:
        """So many bytes are no longer held."""
        self._held_bytes -= count

    def _make_room(self, upload: Upload) -> None:
        others = [one for one in self._arriving if one is not upload and not one.evicted]
        if not others:
            raise OverloadedError("too much is being sent at once; try again later", retry_after_s=1)
        share = sum(one.held_bytes for one in others) / len(others)
        oldest = next(one for one in others if one.held_bytes >= share)
        oldest.evicted = True
        oldest.timeout.reschedule(asyncio.get_running_loop().time())
