from pathlib import Path

import pytest

from service.pull.download import Wanted, download
from service.pull.remote import GoneError, Remote
from service.releases.errors import ChecksumError, ServiceError
from tests.service.pull.disks import files_of_at_most
from tests.service.pull.shop import Shop, sha256

CONTENT = bytes(range(256)) * 1000
AT_ONCE = (0.0, 0.0)


class Told:
    """A progress callback's calls, added up."""

    there = 0
    most = 0

    def __call__(self, more: int) -> None:
        self.there += more
        self.most = max(self.most, self.there)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "partial"


@pytest.fixture(autouse=True)
def _stocked(shop: Shop) -> None:
    shop.files["file"] = CONTENT


def load(shop: Shop, path: Path, content: bytes = CONTENT) -> Told:
    told = Told()
    download(Remote(shop.url), Wanted("file", len(content), sha256(content)), path, told, AT_ONCE)
    return told


def ranges(shop: Shop) -> list[str | None]:
    return [headers.get("Range") for _, headers in shop.asked]


def test_a_file_is_loaded(shop: Shop, path: Path) -> None:
    assert load(shop, path).there == len(CONTENT)
    assert path.read_bytes() == CONTENT


def test_a_cut_connection_goes_on_where_it_ended(shop: Shop, path: Path) -> None:
    shop.cuts["file"] = [1000, 50_000, 1, 7, 70_000]
    assert load(shop, path).there == len(CONTENT)
    assert path.read_bytes() == CONTENT
    assert ranges(shop) == [None, "bytes=1000-", "bytes=51000-", "bytes=51001-", "bytes=51008-", "bytes=121008-"]


def test_what_an_earlier_program_left_is_not_loaded_again(shop: Shop, path: Path) -> None:
    path.write_bytes(CONTENT[:5000])
    remote = Remote(shop.url)
    download(remote, Wanted("file", len(CONTENT), sha256(CONTENT)), path, Told(), AT_ONCE)
    assert remote.loaded_bytes == len(CONTENT) - 5000
    load(shop, path)
    assert len(shop.asked) == 1, "a whole file was asked for again"


@pytest.mark.parametrize("left", [b"other" * 1000, b"x" * len(CONTENT), CONTENT + b"more"])
def test_what_was_left_of_something_else_is_begun_anew(shop: Shop, path: Path, left: bytes) -> None:
    path.write_bytes(left)
    assert load(shop, path).there == len(CONTENT)
    assert path.read_bytes() == CONTENT


def test_a_service_without_parts_sends_the_whole_again(shop: Shop, path: Path) -> None:
    shop.ignores_ranges, shop.cuts["file"] = True, [1000]
    told = load(shop, path)
    assert (told.there, told.most) == (len(CONTENT), len(CONTENT))
    assert path.read_bytes() == CONTENT


def test_what_passes_is_waited_for(shop: Shop, path: Path) -> None:
    shop.statuses["file"] = [503, 429]
    load(shop, path)
    assert path.read_bytes() == CONTENT


def test_a_service_that_goes_on_failing_is_given_up_and_what_came_stays(shop: Shop, path: Path) -> None:
    shop.cuts["file"], shop.statuses["file"] = [1000], [200, 503, 503, 503, 503]
    with pytest.raises(ServiceError, match="does not give file: because"):
        load(shop, path)
    assert path.read_bytes() == CONTENT[:1000]
    assert len(shop.asked) == 4


def test_an_answer_that_always_ends_too_early_is_given_up(shop: Shop, path: Path) -> None:
    shop.files["file"] = CONTENT[:100]
    with pytest.raises(ServiceError):
        load(shop, path)


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT + b"x"])
def test_what_is_something_else_is_refused_and_thrown_away(shop: Shop, path: Path, content: bytes) -> None:
    shop.files["file"] = content
    with pytest.raises(ChecksumError):
        load(shop, path)
    assert not path.exists() or path.stat().st_size < len(CONTENT)


def test_what_is_not_released_is_reported(shop: Shop, path: Path) -> None:
    del shop.files["file"]
    with pytest.raises(GoneError):
        load(shop, path)


def test_a_file_without_bytes_needs_no_request(shop: Shop, path: Path) -> None:
    load(shop, path, b"")
    assert path.read_bytes() == b""
    assert not shop.asked


def test_a_full_disk_is_the_disk_s_error(shop: Shop, path: Path) -> None:
    with files_of_at_most(10_000), pytest.raises(OSError, match="File too large"):
        load(shop, path)
    load(shop, path)
    assert path.read_bytes() == CONTENT
