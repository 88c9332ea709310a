"""Items on this machine's disk, in LMDB: all processes of the machine read and write one file, and it survives them.

A process that is killed leaves what the last whole write left. A folder holds one store, of one machine: LMDB's locks
hold neither over a network file system nor between containers that count their processes apart.
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

from service.feature_store.items.store import CHUNK, StoreError, StoreFailedError, StoreFullError, completed, renewed
from service.feature_store.items.record import Record

_log = logging.getLogger(__name__)
_SCHEMA = b"1"
_FILES = {"data.mdb", "lock.mdb"}
_BESIDE = {"lost+found"}  # of a file system's own root
_READERS = 1024
_PAGE = 4096
_NO_ROOM = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))
_OTHERWISE = "name another folder with EDGE_RANK_STORE, or say EDGE_RANK_STORE=memory"


class LmdbItems:
    """Holds items in a folder."""

    def __init__(self, environment: lmdb.Environment) -> None:
        self._environment = environment
        self._items = environment.open_db(b"items")
        # LMDB has one writer at a time, and a write waits for the disk.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="items")

    @classmethod
    def opened(cls, folder: Path, *, most_bytes: int) -> Self:
        """Open the store of a folder, or begin one.

        Args:
            folder: for nobody but this user; made if it is not there.
            most_bytes: that it takes on the disk.

        Raises:
            StoreError: the folder can't be used, is another's, or is no store that can be read.
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
    def version(self) -> int:
        """Grows with every change, whoever made it; -1 where that can't be told, and memory is all there is."""
        try:
            with self._environment.begin() as transaction:
                return int(transaction.id())
        except lmdb.Error as error:
            _failed(error)
            return -1

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """Records as they are now; None where there is none.

        Raises:
            StoreFailedError: they could not be read.
        """
        try:
            with self._environment.begin(db=self._items) as transaction:
                return [transaction.get(key) for key in keys]
        except lmdb.Error as error:
            raise _failed(error) from None

    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        """Hold records, all or none; they are on the disk when this returns.

        Raises:
            StoreFullError: the disk or the store is full.
            StoreFailedError: they could not be written.
        """
        await self._write(records, renewed)

    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        """Add what was made of items to what is held of them.

        Raises:
            StoreFullError: the disk or the store is full.
            StoreFailedError: it could not be written.
        """
        await self._write(records, completed)

    async def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        """All that is held.

        Begins anywhere, so that several processes that do the same share the work.

        Raises:
            StoreFailedError: it could not be read.
        """
        start = random.randbytes(2)  # noqa: S311 (no secret)
        for first, end in ((start, None), (b"", start)):
            after = first
            while some := self._some(after, end):
                yield some
                after = max(some) + b"\0"

    def walk(self) -> None:
        """Look at every record.

        Raises:
            StoreFailedError: one can't be read.
        """
        try:
            with self._environment.begin(db=self._items, buffers=True) as transaction, transaction.cursor() as cursor:
                for _, record in cursor:
                    record[-1:]
        except lmdb.Error as error:
            raise _failed(error) from None

    def close(self) -> None:
        """Finish what is being written, and close the file."""
        self._executor.shutdown()
        self._environment.close()

    def _some(self, start: bytes, end: bytes | None) -> Mapping[bytes, bytes]:
        """The first `CHUNK` records from a key on, and before another."""
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
            self._environment.reader_check()  # a process that was killed while it read must not hold pages for ever
            with self._environment.begin(db=self._items, write=True) as transaction:
                for key, record in records.items():
                    if (packed := made(record, transaction.get(key))) is not None:
                        transaction.put(key, packed)

        try:
            await asyncio.get_running_loop().run_in_executor(self._executor, write)
        except lmdb.Error as error:
            # LMDB hands the system's own errors on by their words.
            if isinstance(error, lmdb.MapFullError) or any(one in str(error) for one in _NO_ROOM):
                _log.error("the store of items is full: the disk, or EDGE_RANK_STORE_BYTES")
                raise StoreFullError from None
            raise _failed(error) from None


def check(folder: Path, *, most_bytes: int) -> None:
    """Open a store and look at every record, in a process of its own: to read a damaged database may be its end.

    To be called while this process has no threads.

    Raises:
        StoreError: the store can't be used.
    """
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        _check_and_exit(folder, most_bytes, tell)
    os.close(tell)
    with os.fdopen(told, encoding="utf-8") as refusal:
        reason = refusal.read()
    failed = os.waitpid(child, 0)[1]
    if reason:
        raise StoreError(reason)
    if failed:
        raise _damaged(folder)


def _check_and_exit(folder: Path, most_bytes: int, tell: int) -> NoReturn:
    faulthandler.disable()  # the end that is looked for is no news
    code = 1
    try:
        LmdbItems.opened(folder, most_bytes=most_bytes).walk()
        code = 0
    except StoreError as error:
        os.write(tell, str(error).encode())
    finally:
        os._exit(code)


def _make(folder: Path) -> None:
    """Have a folder of this user's own.

    Raises:
        StoreError: there can't be one.
    """
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
    """Look whether a store is whole and of this schema; one that is new gets it.

    Raises:
        StoreError: it is not.
    """
    # What is beyond the end of a file that was cut off is no error to read, but the end of the process.
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
    with environment.begin(write=True) as transaction:  # at once: another process may be looking
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
    return str(error).rpartition(": ")[2]  # LMDB's own words come before the system's, and name the path again
