"""Bytes that never change under their address, whole or a part of them (RFC 9110, section 14).

Starlette's FileResponse answers for a path, which may lead to other bytes tomorrow; it answers a malformed range, which
the RFC has ignored, with 400; and errors not as this service does.
"""

import re
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import Request, Response
from prometheus_client import Counter
from starlette.responses import StreamingResponse

from service.errors import RangeNotSatisfiableError

_CHUNK = 65_536
_one_range = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE).fullmatch


def answer(request: Request, content: bytes, *, sha256: str, cache: str, media_type: str, sent: Counter) -> Response:
    """The content, the part of it that is asked for, or that what the client has is still right.

    Args:
        request: its `Range`, `If-Range` and `If-None-Match` are honoured; several ranges at once are not.
        content: all of it.
        sha256: of it, which becomes its `ETag`.
        cache: how long it may be kept, for `Cache-Control`.
        media_type: for `Content-Type`.
        sent: counts the bytes that were taken.

    Raises:
        RangeNotSatisfiableError: the range lies outside.
    """
    etag = f'"{sha256}"'
    headers = {"ETag": etag, "Cache-Control": cache, "Accept-Ranges": "bytes"}
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Length"] = str(len(content))
    if request.method == "HEAD":
        return Response(headers=headers, media_type=media_type)
    wanted = None
    if request.headers.get("if-range", etag) == etag:
        wanted = part_of(request.headers.get("range", ""), len(content))
    if wanted is None:
        return StreamingResponse(_chunks(content, sent), headers=headers, media_type=media_type)
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(content)}"
    headers["Content-Length"] = str(len(wanted))
    part = memoryview(content)[wanted.start : wanted.stop]
    return StreamingResponse(
        _chunks(part, sent), status_code=HTTPStatus.PARTIAL_CONTENT, headers=headers, media_type=media_type
    )


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the header names that tag."""
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag in known or "*" in known


def part_of(header: str, length: int) -> range | None:
    """Which bytes of so many a `Range` header asks for; None: all, since it is absent, malformed, or of several parts.

    Raises:
        RangeNotSatisfiableError: it asks for none of them.
    """
    found = _one_range(header.replace(" ", ""))
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        wanted = range(max(0, length - int(last)), length)
    else:
        end = int(last) + 1 if last else length
        if end <= int(first) < length:
            return None  # ends before it begins: malformed
        wanted = range(int(first), min(end, length))
    if not wanted:
        raise RangeNotSatisfiableError(length)
    return wanted


async def _chunks(content: bytes | memoryview, sent: Counter) -> AsyncIterator[bytes]:
    """A piece at a time: a slow client holds up one piece, not a copy of the model."""
    for start in range(0, len(content), _CHUNK):
        chunk = bytes(content[start : start + _CHUNK])
        yield chunk
        sent.inc(len(chunk))
