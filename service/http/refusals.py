"""Answers to what the protocol can't read as a request, in the same form as all errors."""

import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple

from service.errors import error_json


class Refusal(NamedTuple):
    """An answer after which the connection closes."""

    status: HTTPStatus
    code: str
    message: str

    def to_bytes(self, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """Head and body, with further headers."""
        request_id = uuid.uuid4().hex
        body = error_json(code=self.code, message=self.message, request_id=request_id).encode()
        own = {
            "x-request-id": request_id,
            "content-length": str(len(body)),
            "content-type": "application/json",
            "connection": "close",
        }
        lines = [b"%b: %b\r\n" % one for one in headers]
        lines += [f"{name}: {value}\r\n".encode() for name, value in own.items()]
        first = f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n".encode()
        return b"".join([first, *lines, b"\r\n", body])


MALFORMED = Refusal(HTTPStatus.BAD_REQUEST, "bad_request", "this is not HTTP/1.1")
LINE_TOO_LONG = Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, "request_uri_too_long", "the path and query are too long")
HEAD_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "request_header_fields_too_large",
    "the headers are too many or too large",
)
HEAD_TIMEOUT = Refusal(HTTPStatus.REQUEST_TIMEOUT, "request_timeout", "the headers did not arrive in time")
TOO_MANY_CONNECTIONS = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "too many connections; try again later")
UNKNOWN_CODING = Refusal(
    HTTPStatus.NOT_IMPLEMENTED, "not_implemented", "unsupported Transfer-Encoding; only chunked is supported"
)
NO_UPGRADE = Refusal(HTTPStatus.FORBIDDEN, "forbidden", "this service speaks HTTP/1.1, not WebSocket")
NO_TUNNEL = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "this service is not a proxy")
