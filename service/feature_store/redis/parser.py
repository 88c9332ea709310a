"""Parses answers of Redis, and refuses arrays of absurd length at once."""

import re

from redis._parsers import _AsyncHiredisParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse

# hiredis allocates all elements of an array as soon as it reads their number: a thousand million block the event loop
# for seconds. No command of ours has such an answer.
_too_many = re.compile(rb"(?:[*%~>|]\d{1,7}\r\n)*[*%~>|]\d{8}").match
_HEAD_BYTES = 256


class BoundedParser(_AsyncHiredisParser):
    """Refuses an answer that begins with an array of more than ten million elements."""

    __slots__ = ("_head",)

    def __init__(self, socket_read_size: int) -> None:
        """Take redis-py's option: how much to read at once."""
        super().__init__(socket_read_size)
        self._head = b""

    async def read_from_socket(self) -> bool:
        """Read and feed what has arrived.

        Raises:
            InvalidResponse: an array is too long.
            redis.exceptions.ConnectionError: the connection is closed.
        """
        reader, stream = self._reader, self._stream
        if reader is None or stream is None:
            raise RedisConnectionError("the connection is not open")
        begins = not reader.has_data()
        buffer = await stream.read(self._read_size)
        if not buffer:
            raise RedisConnectionError("the connection is closed")
        self._head = buffer[:_HEAD_BYTES] if begins else self._head + buffer[: _HEAD_BYTES - len(self._head)]
        if _too_many(self._head):
            raise InvalidResponse("an array has too many elements")
        reader.feed(buffer)
        return True
