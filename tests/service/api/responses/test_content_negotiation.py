import pytest

from service.api.responses.content_negotiation import accepts_gzip


@pytest.mark.parametrize(
    "header", ["gzip", "br, gzip", "GZip ; q=0.5", "x-gzip", "*", "br;q=1, *;q=0.1", "identity;q=0, gzip;q=1.0"]
)
def test_gzip_is_taken(header: str) -> None:
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header", [None, "", "br", "identity", "gzip;q=0", "gzip; q=0.0, *", "*;q=0", "gzip;q=much", "gzipped"]
)
def test_gzip_is_not_taken(header: str | None) -> None:
    assert not accepts_gzip(header)
