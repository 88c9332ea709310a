"""Items on this machine's disk, in LMDB: one file that all processes of the machine read and write.

A killed process leaves the file as of its last complete write. A store belongs to one machine: LMDB's locks work
neither over a network file system nor between containers with separate process ids.
"""

import asyncio
import errno
import faulthandler
import logging
import os
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn, Self

import lmdb
from typing_extensions import override  # the standard library has it from Python 3.12 on

from service.feature_store.items.record import Record
from service.feature_store.items.store import (
    CHUNK,
    LocalItems,
    StoreError,
    StoreFailedError,
    StoreFullError,
    completed,
    renewed,
)

_log = logging.getLogger(__name__)
_SCHEMA = b"1"
_FILES = {"data.mdb", "lock.mdb"}
_BESIDE = {"lost+found"}  # in the root of a file system
_READERS = 1024
_PAGE = 4096
_NO_ROOM = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))
_OTHERWISE = "name another folder with EDGE_RANK_STORE, or say EDGE_RANK_STORE=memory"


class LmdbItems(LocalItems):
    """Stores items in a folder; they are on the disk when a write returns."""

    def __init__(self, environment: lmdb.Environment) -> None:
        self._environment = environment
        self._items = environment.open_db(b"items")
        # LMDB has one writer at a time, and a write waits for the disk.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="items")

    @classmethod
    def opened(cls, folder: Path, *, most_bytes: int) -> Self:
        """Open the store in a folder private to this user, or create one of up to `most_bytes` on the disk.

        Raises:
            StoreError: the folder can't be used, belongs to another user, or is not a readable store.
        """
        _make(folder)
        try:
            environment = lmdb.open(
                str(folder),
                map_size=max(_PAGE, most_bytes - most_bytes % _PAGE),
                max_dbs=2,
                max_readers=_READERS,
                mode=0o600,
                readahead=False,
            )
        except (lmdb.InvalidError, lmdb.CorruptedError, lmdb.VersionMismatchError, lmdb.PanicError):
            raise _damaged(folder) from None
        except (lmdb.Error, OSError) as error:
            raise StoreError(f"the store {folder} can't be opened: {_reason(error)}; {_OTHERWISE}") from None
        try:
            _check(environment, folder)
            return cls(environment)
        except (lmdb.Error, StoreError) as error:
            environment.close()
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"the store {folder} can't be used: {_reason(error)}; {_OTHERWISE}") from None

    @property
    @override
    def version(self) -> int:
        try:
            with self._environment.begin() as transaction:
                return int(transaction.id())
        except lmdb.Error as error:
            _failed(error)
            return -1

    @override
    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        try:
            with self._environment.begin(db=self._items) as transaction:
                return [transaction.get(key) for key in keys]
        except lmdb.Error as error:
            raise _failed(error) from None

    @override
    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        await self._write(records, renewed)

    @override
    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        await self._write(records, completed)

    @override
    async def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        # From a random key on: several processes that do the same share the work.
        start = random.randbytes(2)  # noqa: S311 (no secret)
        for first, end in ((start, None), (b"", start)):
            after = first
            while some := self._some(after, end):
                yield some
                after = max(some) + b"\0"

    def walk(self) -> None:
        """Read every record.

        Raises:
            StoreFailedError: one can't be read.
        """
        try:
            with self._environment.begin(db=self._items, buffers=True) as transaction, transaction.cursor() as cursor:
                for _, record in cursor:
                    record[-1:]
        except lmdb.Error as error:
            raise _failed(error) from None

    @override
    def close(self) -> None:
        self._executor.shutdown()
        self._environment.close()

    def _some(self, start: bytes, end: bytes | None) -> Mapping[bytes, bytes]:
        """The first `CHUNK` records with keys from `start` on and before `end`."""
        found: dict[bytes, bytes] = {}
        try:
            with self._environment.begin(db=self._items) as transaction, transaction.cursor() as cursor:
                more = cursor.set_range(start) if start else cursor.first()
                while more and len(found) < CHUNK and (end is None or cursor.key() < end):
                    found[cursor.key()] = cursor.value()
                    more = cursor.next()
        except lmdb.Error as error:
            raise _failed(error) from None
        return found

    async def _write(
        self, records: Mapping[bytes, Record], made: Callable[[Record, bytes | None], bytes | None]
    ) -> None:
        def write() -> None:
            self._environment.reader_check()  # free the pages that a killed reader still holds
            with self._environment.begin(db=self._items, write=True) as transaction:
                for key, record in records.items():
                    if (packed := made(record, transaction.get(key))) is not None:
                        transaction.put(key, packed)

        try:
            await asyncio.get_running_loop().run_in_executor(self._executor, write)
        except lmdb.Error as error:
            # LMDB reports errors of the system by their messages.
            if isinstance(error, lmdb.MapFullError) or any(one in str(error) for one in _NO_ROOM):
                _log.error("the store of items is full: the disk, or EDGE_RANK_STORE_BYTES")
                raise StoreFullError from None
            raise _failed(error) from None


def check(folder: Path, *, most_bytes: int) -> None:
    """Open a store and read every record, in a child process: reading a damaged database may crash it.

    Must be called while this process has no threads.

    Raises:
        StoreError: the store can't be used.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _check_and_exit(folder, most_bytes, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as refusal:
        reason = refusal.read()
    failed = os.waitpid(child, 0)[1]
    if reason:
        raise StoreError(reason)
    if failed:
        raise _damaged(folder)


def _check_and_exit(folder: Path, most_bytes: int, writer: int) -> NoReturn:
    faulthandler.disable()  # a crash is an expected result
    code = 1
    try:
        LmdbItems.opened(folder, most_bytes=most_bytes).walk()
        code = 0
    except StoreError as error:
        os.write(writer, str(error).encode())
    finally:
        os._exit(code)


def _make(folder: Path) -> None:
    """Create the folder, if absent, and make it private to this user."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        strangers = {one.name for one in folder.iterdir()} - _FILES - _BESIDE
        if found.st_uid != os.geteuid():
            raise StoreError(f"the store {folder} belongs to another user; {_OTHERWISE}")
        if strangers:
            raise StoreError(f"the folder {folder} holds something else than a store; {_OTHERWISE}")
        if found.st_mode & 0o077:
            folder.chmod(0o700)
        data = folder / "data.mdb"
        if data.exists() and not data.is_file():
            raise _damaged(folder)
    except OSError as error:
        raise StoreError(f"the store {folder} can't be made: {_reason(error)}; {_OTHERWISE}") from None


def _check(environment: lmdb.Environment, folder: Path) -> None:
    """Check that a store is complete and has this schema; a new one gets it."""
    # Reading past the end of a truncated file is not an error but a crash.
    pages, page = environment.info()["last_pgno"] + 1, environment.stat()["psize"]
    if pages > 2 and (folder / "data.mdb").stat().st_size < pages * page:
        raise _damaged(folder)
    environment.reader_check()
    try:
        with environment.begin() as transaction:
            is_new = transaction.stat()["entries"] == 0
        if not is_new:
            about = environment.open_db(b"about", create=False)
            with environment.begin(db=about) as transaction:
                schema = transaction.get(b"schema")
            if schema != _SCHEMA:
                raise StoreError(f"the store {folder} is of another version of Edge Rank; {_OTHERWISE}")
            return
    except (lmdb.NotFoundError, lmdb.IncompatibleError):
        raise StoreError(f"the folder {folder} holds a database of something else; {_OTHERWISE}") from None
    except (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.BadDbiError):
        raise _damaged(folder) from None
    with environment.begin(write=True) as transaction:  # atomically: another process may be checking
        transaction.put(b"schema", _SCHEMA, db=environment.open_db(b"about", transaction))


def _damaged(folder: Path) -> StoreError:
    return StoreError(
        f"the store {folder} is damaged; move it away, or bring back a copy: without one, items are to be put again"
    )


def _failed(error: lmdb.Error) -> StoreFailedError:
    _log.error("the store of items failed: %s", type(error).__name__)
    return StoreFailedError(type(error).__name__)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error).rpartition(": ")[2]  # LMDB puts the path before the system's message
