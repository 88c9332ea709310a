import errno
import multiprocessing
import os
import random
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest

from service.feature_store.items.lmdb import LmdbItems, check
from service.feature_store.items.record import KEPT_ENCODERS, Record, encoder_key, pack_record, unpack_record
from service.feature_store.items.store import StoreError, StoreFailedError, StoreFullError, item_key
from tests.service.feature_store.test_codec import FEATURES

MEGABYTE = 1024**2


def opened(folder: Path, most_bytes: int = 64 * MEGABYTE) -> LmdbItems:
    return LmdbItems.opened(folder, most_bytes=most_bytes)


def record(text: str, revision: str = "first") -> Record:
    return Record.of(text, None, revision, FEATURES)


def text_of(packed: bytes | None) -> str | None:
    found = None if packed is None else unpack_record(packed)
    return None if found is None else found.text


@pytest.fixture
def items(tmp_path: Path) -> Iterator[LmdbItems]:
    store = opened(tmp_path / "store")
    yield store
    store.close()


async def test_what_is_put_is_found_also_later(tmp_path: Path) -> None:
    for found, text in ((None, "old"), ("old", "new"), ("new", "new")):
        store = opened(tmp_path / "a" / "store")
        assert text_of(store.get_many([item_key("a")])[0]) == found
        before = store.version
        await store.put_many({item_key("a"): record(text)})
        assert store.version > before
        store.close()


async def test_features_are_added_to_what_is_held(items: LmdbItems) -> None:
    await items.put_many({item_key("a"): record("a")})
    await items.add_many({item_key(one): record(one, "second") for one in "ab"} | {item_key("c"): record("c")})
    (held, missing) = items.get_many([item_key("a"), item_key("b")])
    assert held is not None
    found = unpack_record(held)
    assert found is not None
    assert found.made.keys() == {encoder_key("first"), encoder_key("second")}
    assert missing is None
    later = [f"later {number}" for number in range(KEPT_ENCODERS - 1)]
    for revision in later:
        await items.put_many({item_key("a"): record("a", revision)})
    kept = unpack_record(items.get_many([item_key("a")])[0] or b"")
    assert kept is not None
    assert list(kept.made) == [encoder_key(one) for one in (*reversed(later), "second")]


async def test_all_that_is_held_comes_once(items: LmdbItems) -> None:
    keys = [item_key(str(number)) for number in range(1000)]
    await items.put_many(dict.fromkeys(keys, record("x")))
    for _ in range(5):
        found = [key async for chunk in items.chunks() for key in chunk]
        assert sorted(found) == sorted(keys)


async def test_a_full_store_takes_nothing_and_gives_what_it_holds(tmp_path: Path) -> None:
    store = opened(tmp_path / "store", MEGABYTE)
    await store.put_many({item_key("a"): record("a")})
    with pytest.raises(StoreFullError):
        await store.put_many({item_key(str(number)): record(str(number)) for number in range(20_000)})
    assert text_of(store.get_many([item_key("a")])[0]) == "a"
    assert store.get_many([item_key("0")]) == [None]
    await store.put_many({item_key("b"): record("b")})
    store.close()


async def test_a_full_disk_is_distinguished_from_a_broken_one(
    items: LmdbItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = lmdb.Error(f"mdb_put: {os.strerror(errno.ENOSPC)}")
    for raised, told in (
        (full, StoreFullError),
        (lmdb.MapFullError(), StoreFullError),
        (lmdb.Error(), StoreFailedError),
    ):

        def fail(*_: object, raised: Exception = raised) -> None:
            raise raised

        monkeypatch.setattr("service.feature_store.items.lmdb.renewed", fail)
        with pytest.raises(told):
            await items.put_many({item_key("a"): record("a")})


async def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir(mode=0o755)
    store = opened(folder)
    await store.put_many({item_key("a"): record("a")})
    store.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "data.mdb": 0o600,
        "lock.mdb": 0o600,
    }


def filled(folder: Path) -> Path:
    store = opened(folder)
    with store._environment.begin(db=store._items, write=True) as transaction:
        for number in range(2000):
            transaction.put(item_key(str(number)), pack_record(record(str(number))))
    store.close()
    return folder / "data.mdb"


def cut(folder: Path) -> None:
    data = filled(folder)
    os.truncate(data, data.stat().st_size // 2)


def scribbled(folder: Path) -> None:
    filled(folder).write_bytes(b"\xa5" * 65536)


def foreign(folder: Path) -> None:
    folder.mkdir()
    with lmdb.open(str(folder)) as environment, environment.begin(write=True) as transaction:
        transaction.put(b"key", b"value")


def of_another_version(folder: Path) -> None:
    filled(folder)
    with lmdb.open(str(folder), max_dbs=2) as environment:
        about = environment.open_db(b"about")
        with environment.begin(db=about, write=True) as transaction:
            transaction.put(b"schema", b"0")


def of_something_else(folder: Path) -> None:
    folder.mkdir()
    (folder / "letters.txt").write_text("dear")


def no_folder(folder: Path) -> None:
    folder.write_text("")


def a_pipe(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "data.mdb")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (cut, "is damaged; move it away"),
        (scribbled, "is damaged; move it away"),
        (a_pipe, "is damaged; move it away"),
        (foreign, "holds a database of something else"),
        (of_another_version, "is of another version"),
        (of_something_else, "holds something else than a store"),
        (no_folder, "can't be made: File exists"),
    ],
)
def test_what_is_no_store_is_refused_in_a_line(make: object, told: str, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "store")
    with pytest.raises(StoreError) as error:
        opened(tmp_path / "store")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_folder_that_can_not_be_made_or_is_not_ours_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match=r"can't be made: .*; name another folder with EDGE_RANK_STORE"):
        opened(Path("/proc/nowhere/store"))
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StoreError, match="belongs to another user"):
        opened(tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_damaged_inside_is_reported_and_is_nobody_s_end(seed: int, tmp_path: Path) -> None:
    data = filled(tmp_path / "store")
    check(tmp_path / "store", most_bytes=64 * MEGABYTE)
    chosen = random.Random(seed)
    with data.open("r+b") as file:
        for page in chosen.sample(range(4, data.stat().st_size // 4096), 20):
            file.seek(4096 * page)
            file.write(chosen.randbytes(4096))
    with pytest.raises(StoreError, match="is damaged"):
        check(tmp_path / "store", most_bytes=64 * MEGABYTE)


def _put_for_ever(folder: Path, begun: "multiprocessing.synchronize.Event") -> None:
    store = opened(folder)
    number = 0
    while True:
        number += 1
        with store._environment.begin(db=store._items, write=True) as transaction:
            for place in range(500):
                transaction.put(item_key(str(place)), pack_record(record(str(number))))
        begun.set()


async def test_a_writer_that_is_killed_leaves_a_whole_write_and_no_lock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    store = opened(tmp_path / "store")
    for _ in range(3):
        begun = context.Event()
        writer = context.Process(target=_put_for_ever, args=(tmp_path / "store", begun))
        writer.start()
        assert begun.wait(60)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        found = store.get_many([item_key(str(place)) for place in range(500)])
        assert len({text_of(one) for one in found}) == 1
        await store.put_many({item_key("after"): record("after")})
        assert text_of(store.get_many([item_key("after")])[0]) == "after"
    store.close()
    opened(tmp_path / "store").close()
