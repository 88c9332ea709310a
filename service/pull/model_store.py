"""A device's folder of models.

current, previous        links to the model in use and the one before it
heads                    a link to current/heads, for EDGE_RANK_HEADS
revisions/<revision>/    verified artifacts; in each, heads/<name>/ are the heads, packs and task models for it
partial/<sha256>         a file that is being loaded
asked-heads              the heads that it was asked to have: all, none, or names with commas between
held                     what is blocked, since the device rolled back from it: a revision, and a digest of its heads
device-id                random, created when first needed
lock                     locked by the program that updates the folder
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.artifact.artifact import Artifact, ArtifactError, load_artifact
from service.files import durable
from service.files.regular import read_file
from service.pull.asked_heads import AskedHeads
from service.pull.installed_heads import HEADS, head_names, installed_heads
from service.releases.errors import BusyError, FolderError

_DRAFT = ".draft"
_HEADS_TARGET = Path("current") / HEADS
_MOST_TEXT_BYTES = 8192


class ModelStore:
    """The folder; it may only be changed while it is `locked`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._revisions, self._partial = folder / "revisions", folder / "partial"
        self._current, self._previous, self._blocked = folder / "current", folder / "previous", folder / "held"
        self._heads, self._asked = folder / HEADS, folder / "asked-heads"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder, if absent, and lock it. The system releases the lock when the program ends.

        Raises:
            BusyError: another program has the lock.
            FolderError: the folder can't be written, now or inside the block.
        """
        with disk_errors(self.folder):
            for folder in (self._revisions, self._partial):
                folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise BusyError(f"{self.folder} is being updated by another program") from None
                self._link_heads()
                yield

    @property
    def current(self) -> Artifact | None:
        """The model in use, unless there is none or it is damaged."""
        return _artifact(self._current)

    @property
    def previous(self) -> Artifact | None:
        """The model before it, unless there is none or it is damaged."""
        if os.path.realpath(self._previous) == os.path.realpath(self._current):
            return None  # the last update was interrupted between its two links
        return _artifact(self._previous)

    @property
    def blocked(self) -> tuple[str, str]:
        """What the device rolled back from, and does not take again: a revision, and the digest of its heads."""
        if not self._blocked.is_file():
            return "", ""
        revision, _, heads = read_file(self._blocked, most=_MOST_TEXT_BYTES).decode("ascii", "replace").partition(" ")
        return revision, heads

    @property
    def asked(self) -> AskedHeads | None:
        """The heads that it was last asked to have; None: it never was.

        Raises:
            FolderError: the file that says so is damaged.
        """
        if not self._asked.exists():
            return None
        try:
            return AskedHeads.parse(read_file(self._asked, most=_MOST_TEXT_BYTES).decode("ascii").strip())
        except ValueError:
            raise FolderError(f"{self._asked} does not say which heads to have; --heads says it anew") from None

    def ask(self, asked: AskedHeads) -> None:
        """Remember which heads it is to have."""
        durable.write(self._asked, f"{asked}\n".encode())

    def device_id(self, path: Path | None) -> str:
        """The device's id for bucketing: the text of a file, by default `device-id`; random if there is none.

        Raises:
            FolderError: the file is empty, or not text.
        """
        path = path or self.folder / "device-id"
        if not path.exists():
            durable.write(path, f"{uuid.uuid4().hex}\n".encode())
        try:
            found = read_file(path, most=_MOST_TEXT_BYTES).decode("utf-8").strip()
        except UnicodeDecodeError:
            found = ""
        if not found:
            raise FolderError(f"{path} contains no device id; delete it to get a random one")
        return found

    def partial(self, sha256: str) -> Path:
        """The path to which a file with a checksum is loaded."""
        return self._partial / sha256

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty folder to assemble a model in, removed at the end of the block."""
        draft = self._revisions / _DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def install(self, draft: Path, revision: str) -> None:
        """Make a verified draft the model in use."""
        for path in [*draft.rglob("*"), draft]:
            durable.flush(path)
        place = self._free_place(revision)
        draft.rename(place)
        durable.flush(self._revisions)
        if self.current is not None:
            durable.link(self._previous, self._current.readlink())
        durable.link(self._current, place.relative_to(self.folder))
        self._blocked.unlink(missing_ok=True)

    def take_previous(self) -> None:
        """Make the previous model the one in use; there is no previous model then."""
        durable.link(self._current, self._previous.readlink())
        self._previous.unlink()
        durable.flush(self.folder)

    def block(self, revision: str, heads: str = "") -> None:
        """Block a revision with heads, of which `heads` is the digest, until something else is installed."""
        durable.write(self._blocked, f"{revision} {heads}".strip().encode("ascii"))

    def check_heads_link(self) -> None:
        """Check that what lies in the place of the link to the heads is that link.

        Raises:
            FolderError: it is something else.
        """
        if not self._heads.is_symlink() or self._heads.readlink() != _HEADS_TARGET:
            raise FolderError(f"{self._heads} is not the link to {_HEADS_TARGET} that this program makes; move it away")

    def remove_heads(self, model: Path, names: Iterable[str]) -> None:
        """Remove heads from a model's folder, each as a whole, and what is left of those that were being removed."""
        for name in names:
            aside = model / HEADS / f".{name}"
            shutil.rmtree(aside, ignore_errors=True)
            (model / HEADS / name).rename(aside)
            durable.flush(model / HEADS)
        for left in (model / HEADS).glob(".*"):
            shutil.rmtree(left)

    def remove_damaged_heads(self, model: Path) -> None:
        """Remove heads that can't serve from a model's folder."""
        intact = installed_heads(model / HEADS)
        self.remove_heads(model, [name for name in head_names(model / HEADS) if name not in intact])

    def forget_previous(self) -> None:
        """Remove the link to the previous model."""
        self._previous.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove models without a link."""
        used = {os.path.realpath(link) for link in (self._current, self._previous)}
        for folder in self._revisions.iterdir():
            if os.path.realpath(folder) not in used:
                shutil.rmtree(folder)

    def forget_partials(self, *, but: Collection[str] = ()) -> None:
        """Remove partially loaded files, except those with these checksums."""
        for partial in self._partial.iterdir():
            if partial.name not in but:
                partial.unlink()

    def check_space(self, needed: int) -> None:
        """Check the free space on the disk.

        Raises:
            FolderError: it is less than `needed` bytes.
        """
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise FolderError(f"{self.folder} can't hold {needed:,} bytes more: {free:,} are free")

    def _link_heads(self) -> None:
        """Link to the heads of the model in use; models that an earlier version installed get an empty folder."""
        for model in (self._current, self._previous):
            if model.is_dir() and not (model / HEADS).exists():
                (model / HEADS).mkdir()
        if not os.path.lexists(self._heads):
            durable.link(self._heads, _HEADS_TARGET)

    def _free_place(self, revision: str) -> Path:
        """An unused path: a damaged model is not overwritten while it is linked."""
        place, at = self._revisions / revision, 0
        while place.exists():
            at += 1
            place = self._revisions / f"{revision}.{at}"
        return place


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the disk into errors for the user.

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
