"""Decompression of gzip bodies, up to the size that a body may have."""

import asyncio
import zlib

from service.errors import InvalidBodyError, RequestTooLargeError, UnsupportedEncodingError

_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 64 * 1024
CODINGS = ("gzip", "x-gzip")


def is_compressed(encoding: str) -> bool:
    """True if a body is compressed, by its header `Content-Encoding`.

    Raises:
        UnsupportedEncodingError: in a coding other than gzip.
    """
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return False
    if coding not in CODINGS:
        raise UnsupportedEncodingError
    return True


async def inflated(body: bytes, most_bytes: int) -> bytes:
    """Decompress a body; beyond its first piece, on a thread.

    Raises:
        RequestTooLargeError: it is larger than `most_bytes`.
        InvalidBodyError: it is not gzip, is truncated, or has trailing bytes.
    """
    inflater = zlib.decompressobj(_GZIP)
    first = _piece(inflater, body, min(_PIECE_BYTES, most_bytes + 1))
    if not inflater.eof and inflater.unconsumed_tail:
        first += await asyncio.to_thread(_piece, inflater, inflater.unconsumed_tail, most_bytes + 1 - len(first))
    if len(first) > most_bytes:
        raise RequestTooLargeError(f"the body inflates to more than {most_bytes} bytes; send fewer or shorter texts")
    if not inflater.eof or inflater.unused_data:
        raise InvalidBodyError
    return first


def _piece(inflater: "zlib._Decompress", data: bytes, most_bytes: int) -> bytes:
    if most_bytes <= 0:
        return b""
    try:
        return inflater.decompress(data, most_bytes)
    except zlib.error:
        raise InvalidBodyError from None
