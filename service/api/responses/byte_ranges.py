"""Answers with immutable bytes, whole or one range of them (RFC 9110 §14).

Starlette's FileResponse serves a path, whose content may change; it answers malformed ranges, which the RFC has servers
ignore, with 400; and its errors have another form.
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
    """Answer with the content, the requested range of it, or 304 if the client's copy is current.

    `Range`, `If-Range` and `If-None-Match` are honoured, multiple ranges are not. The checksum becomes the `ETag`,
    `cache` the `Cache-Control`; `sent` counts bytes.

    Raises:
        RangeNotSatisfiableError: the range lies outside the content.
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
        wanted = parse_range(request.headers.get("range", ""), len(content))
    if wanted is None:
        return StreamingResponse(_chunks(content, sent), headers=headers, media_type=media_type)
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(content)}"
    headers["Content-Length"] = str(len(wanted))
    part = memoryview(content)[wanted.start : wanted.stop]
    return StreamingResponse(
        _chunks(part, sent), status_code=HTTPStatus.PARTIAL_CONTENT, headers=headers, media_type=media_type
    )


def is_known(if_none_match: str, etag: str) -> bool:
    """True if `If-None-Match` names that tag."""
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag in known or "*" in known


def parse_range(header: str, length: int) -> range | None:
    """Parse a single-range `Range` header (RFC 9110 §14); None for an absent, malformed or multiple one: send all.

    Raises:
        RangeNotSatisfiableError: the range lies outside the `length` bytes.
    """
    found = _one_range(header.replace(" ", ""))
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:  # a suffix of that length
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
    """Send a piece at a time: a slow client holds up one piece, not a copy of the model."""
    for start in range(0, len(content), _CHUNK):
        chunk = bytes(content[start : start + _CHUNK])
        yield chunk
        sent.inc(len(chunk))
