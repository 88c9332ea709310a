import json
from pathlib import Path

import pytest

from loadtests.harness.processes import free_port
from service.pull.connection import AddressError
from service.pull.remote import CutError, GoneError, Remote
from service.releases.errors import ServiceError, TooNewError
from tests.service.pull.bundles import bundle
from tests.service.pull.shop import Shop


def test_the_listing_is_read(shop: Shop, tmp_path: Path) -> None:
    shop.release(bundle(tmp_path))
    found = Remote(f"{shop.url}/", key="secret").listing()
    assert found.current is not None
    assert found.current.name == "tiny"
    assert shop.asked[0][1]["Authorization"] == "Bearer secret"


def test_without_a_key_none_is_sent(shop: Shop, tmp_path: Path) -> None:
    shop.release(bundle(tmp_path))
    Remote(shop.url).listing()
    assert "Authorization" not in shop.asked[0][1]


def test_a_file_comes_from_where_it_is_asked(shop: Shop) -> None:
    shop.files["r/file"] = b"0123456789"
    remote = Remote(shop.url)
    for start, headers in ((0, (None, None)), (4, ("bytes=4-", '"etag"'))):
        with remote.part("r/file", "etag", start) as part:
            assert (part.start, b"".join(part.chunks)) == (start, b"0123456789"[start:])
        assert (shop.asked[-1][1].get("Range"), shop.asked[-1][1].get("If-Range")) == headers
    shop.ignores_ranges = True
    with remote.part("r/file", "etag", 4) as part:
        assert (part.start, b"".join(part.chunks)) == (0, b"0123456789")
    assert remote.loaded_bytes == 26


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (404, GoneError, "^$"),
        (410, GoneError, "^$"),
        (401, ServiceError, "refuses: because"),
        (302, ServiceError, "refuses: because"),
        (500, CutError, "because"),
        (503, CutError, "because"),
        (429, CutError, "because"),
    ],
)
def test_a_refusal_is_distinguished(shop: Shop, status: int, error: type[Exception], told: str) -> None:
    shop.statuses["file"] = [status]
    with pytest.raises(error, match=told), Remote(shop.url).part("file", "etag", 0):
        pass


def test_a_service_that_releases_no_models_is_reported(shop: Shop) -> None:
    with pytest.raises(ServiceError, match="refuses: because"):
        Remote(shop.url).listing()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"<html>", b'{"schema_version": "x"}'])
def test_an_answer_that_is_no_listing_is_reported(shop: Shop, content: bytes) -> None:
    shop.files[""] = content
    with pytest.raises(ServiceError, match="not as Edge Rank does"):
        Remote(shop.url).listing()


def test_a_later_kind_of_listing_is_reported(shop: Shop) -> None:
    shop.files[""] = json.dumps({"schema_version": 2, "models": []}).encode()
    with pytest.raises(TooNewError, match="update this program"):
        Remote(shop.url).listing()


def test_nobody_there_is_reported() -> None:
    remote = Remote(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CutError, match="refused"):
        remote.listing()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(AddressError):
        Remote("ftp://somewhere")
