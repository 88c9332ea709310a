"""The answer to what is no request: written by the protocol itself, in the one shape of errors."""

import uuid
from collections.abc import Sequence
from http import HTTPStatus

from service.errors import error_response


def refusal(status: HTTPStatus, code: str, message: str, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """An answer, head and body, after which the connection closes."""
    answer = error_response(status=status, code=code, message=message, request_id=uuid.uuid4().hex)
    lines = [b"%b: %b\r\n" % one for one in (*headers, *answer.raw_headers, (b"connection", b"close"))]
    first = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    return b"".join([first, *lines, b"\r\n", bytes(answer.body)])
