"""A device's folder of models.

current, previous        links to the model in use and the one before it
revisions/<revision>/    artifacts, verified before a link leads there
partial/<sha256>         what has been loaded of a file so far
held                     the revision that the device went back from
device-id                drawn at random when it is first needed
lock                     held by the program that updates the folder
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.artifact.artifact import Artifact, ArtifactError, load_artifact
from service.files import durable
from service.files.regular import read_file
from service.releases.errors import BusyError, FolderError

_DRAFT = ".draft"
_MOST_TEXT_BYTES = 4096


class ModelStore:
    """The folder; whoever changes it holds its lock.

    Attributes:
        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._revisions, self._partial = folder / "revisions", folder / "partial"
        self._current, self._previous, self._held = folder / "current", folder / "previous", folder / "held"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder if it is not there, and keep other programs from changing it.

        The system lets go of the lock when the program ends, however it does.

        Raises:
            BusyError: another program holds the lock.
            FolderError: the folder can't be written, now or inside the block.
        """
        with told(self.folder):
            for folder in (self._revisions, self._partial):
                folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise BusyError(f"{self.folder} is being updated by another program") from None
                yield

    @property
    def current(self) -> Artifact | None:
        """The model in use, unless there is none or it is damaged."""
        return _artifact(self._current)

    @property
    def previous(self) -> Artifact | None:
        """The model before it, unless there is none or it is damaged."""
        if os.path.realpath(self._previous) == os.path.realpath(self._current):
            return None  # the last update was cut off between its two links
        return _artifact(self._previous)

    @property
    def held(self) -> str | None:
        """The revision that the device went back from, and does not take again."""
        if not self._held.is_file():
            return None
        return read_file(self._held, most=_MOST_TEXT_BYTES).decode("ascii", "replace")

    def device_id(self, path: Path | None) -> str:
        """What the device draws by: the text of a file, `device-id` by default; drawn at random if there is none.

        Raises:
            FolderError: the file is empty, or not a text.
        """
        path = path or self.folder / "device-id"
        if not path.exists():
            durable.write(path, f"{uuid.uuid4().hex}\n".encode())
        try:
            found = read_file(path, most=_MOST_TEXT_BYTES).decode("utf-8").strip()
        except UnicodeDecodeError:
            found = ""
        if not found:
            raise FolderError(f"{path} holds no device id; delete it to have one drawn")
        return found

    def partial(self, sha256: str) -> Path:
        """Where a file with that checksum is loaded to."""
        return self._partial / sha256

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty folder to put a model together in; what is left in it at the end is removed."""
        draft = self._revisions / _DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def install(self, draft: Path, revision: str) -> None:
        """Have a verified draft be the model in use."""
        for path in [*draft.rglob("*"), draft]:
            durable.flush(path)
        place = self._free_place(revision)
        draft.rename(place)
        durable.flush(self._revisions)
        if self.current is not None:
            durable.link(self._previous, self._current.readlink())
        durable.link(self._current, place.relative_to(self.folder))
        self._held.unlink(missing_ok=True)

    def take_previous(self) -> None:
        """Have the model before be the one in use; no other one is before it then."""
        durable.link(self._current, self._previous.readlink())
        self._previous.unlink()
        durable.flush(self.folder)

    def hold(self, revision: str) -> None:
        """Remember a revision that the device goes back from."""
        durable.write(self._held, revision.encode("ascii"))

    def forget_previous(self) -> None:
        """Have no model before the one in use."""
        self._previous.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove models that no link leads to."""
        used = {os.path.realpath(link) for link in (self._current, self._previous)}
        for folder in self._revisions.iterdir():
            if os.path.realpath(folder) not in used:
                shutil.rmtree(folder)

    def forget_partials(self, *, but: Collection[str] = ()) -> None:
        """Remove what was loaded in part, but of files with these checksums."""
        for partial in self._partial.iterdir():
            if partial.name not in but:
                partial.unlink()

    def check_space(self, needed: int) -> None:
        """See that there is room for so many bytes more.

        Raises:
            FolderError: there is not.
        """
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise FolderError(f"{self.folder} can't hold {needed:,} bytes more: {free:,} are free")

    def _free_place(self, revision: str) -> Path:
        """A name that is not taken: a damaged model is not overwritten while a link leads to it."""
        place, at = self._revisions / revision, 0
        while place.exists():
            at += 1
            place = self._revisions / f"{revision}.{at}"
        return place


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say in one line what the disk does not do.

    Raises:
        FolderError: something could not be written or read.
    """
    try:
        yield
    except OSError as error:
        raise FolderError(f"{error.filename or folder} can't be written: {error.strerror or error}") from None


def _artifact(link: Path) -> Artifact | None:
    if not link.is_symlink():
        return None
    try:
        return load_artifact(Path(os.path.realpath(link)))
    except ArtifactError:
        return None
