import gzip

import pytest

from service.errors import ApiError, InvalidBodyError, RequestTooLargeError, UnsupportedEncodingError
from service.http.inflation import inflated, is_compressed

CONTENT = bytes(range(256)) * 4000


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
async def test_a_body_of_any_size_is_inflated(size: int) -> None:
    assert await inflated(gzip.compress(CONTENT[:size], mtime=0), 1_000_000) == CONTENT[:size]


@pytest.mark.parametrize("most", [1, 100, 65_535, 65_536, 100_000])
async def test_no_more_is_inflated_than_may_be(most: int) -> None:
    assert await inflated(gzip.compress(b" " * most, mtime=0), most) == b" " * most
    with pytest.raises(RequestTooLargeError):
        await inflated(gzip.compress(b" " * (most + 1), mtime=0), most)
    with pytest.raises(RequestTooLargeError):
        await inflated(gzip.compress(b" " * 50_000_000, mtime=0), most)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        gzip.compress(CONTENT, mtime=0)[:-9],
        gzip.compress(CONTENT, mtime=0)[:100],
        gzip.compress(CONTENT, mtime=0) + b"more",
        gzip.compress(b"", mtime=0) * 1000,
        gzip.compress(CONTENT, mtime=0)[:500] + b"\xff" * 500,
    ],
)
async def test_what_is_not_one_stream_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidBodyError):
        await inflated(body, 2_000_000)


def test_what_is_compressed_otherwise_is_refused_and_told_what_is_read() -> None:
    assert [is_compressed(one) for one in ("", "identity", "gzip", " GZIP ", "x-gzip")] == [
        False,
        False,
        True,
        True,
        True,
    ]
    for coding in ("br", "zstd", "deflate", "gzip, gzip", "gzip;q=1"):
        with pytest.raises(UnsupportedEncodingError) as caught:
            is_compressed(coding)
        assert isinstance(caught.value, ApiError)
        assert caught.value.headers == {"Accept-Encoding": "gzip"}
