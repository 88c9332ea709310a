"""The folder of released heads, packs and task models. It may change while the service runs.

Each is a folder in it, whatever model it belongs to. Copies that are not complete yet, which are read as damaged, are
read again until they are.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from service.artifact.artifact import MANIFEST, ArtifactError
from service.files.watched import LOOK_EVERY_S, Version, version_of
from service.heads.loading import HEAD, head_folders
from service.heads.manifest import HeadError
from service.releases.head_bundle import HeadBundle, read_head_bundle
from service.releases.listing import ALL_HEADS, MOST_RELEASE_BYTES, NO_HEADS, ReleasedHead
from service.settings import Settings

_MOST_LISTED_BYTES = 256 * 1024  # devices read a listing of 1 MB
_WATCHED = (".", HEAD, MANIFEST)  # what is released changes with them; other files are in memory
_SOONEST_S = 0.05  # whoever asks for what is not released can't have the folder checked all the time


class HeadsFolder:
    """The folder as it changes; checked at most once a second."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        """Read it.

        Raises:
            HeadError: it can't be read, or what is in it may not be released.
            ArtifactError: a task model is damaged.
        """
        self._path, self._clock = path, clock
        self._versions = self._found()
        self._looked_at = clock()
        self._refused = False
        self.first = self.read()

    def changed(self, *, now: bool = False) -> bool:
        """Whether it has changed since the last call, or was not valid; `now`: check as soon as is fair."""
        passed_s = self._clock() - self._looked_at
        if passed_s < (_SOONEST_S if now else LOOK_EVERY_S):
            return False
        self._looked_at = self._clock()
        before, self._versions = self._versions, self._found()
        return self._versions != before or self._refused

    def read(self) -> tuple[HeadBundle, ...]:
        """Read it, sorted by name.

        Raises:
            HeadError: it can't be read, a head is damaged or may not be released, or two serve by the same name.
            ArtifactError: a task model is damaged.
        """
        try:
            found = [read_head_bundle(place) for place in head_folders(self._path)]
            self._check([one.listed for one in found])
        except (HeadError, ArtifactError):
            self._refused = True
            raise
        self._refused = False
        return tuple(sorted(found, key=lambda one: (one.listed.name, one.revision)))

    def _check(self, listed: list[ReleasedHead]) -> None:
        for at, one in enumerate(listed):
            if one.name in (ALL_HEADS, NO_HEADS):
                raise HeadError(f"{self._path} has a head called {one.name}, by which devices ask for {one.name}")
            for other in listed[:at]:
                if other.name.lower() == one.name.lower() and _meet(other, one):
                    raise HeadError(
                        f"{self._path} has two heads called {one.name} for the same model; leave one of them there"
                    )
        if sum(one.bytes for one in listed) > MOST_RELEASE_BYTES:
            raise HeadError(f"the heads in {self._path} have more than {MOST_RELEASE_BYTES} bytes together")
        if sum(len(one.model_dump_json()) for one in listed) > _MOST_LISTED_BYTES:
            raise HeadError(f"the heads in {self._path} have too many files to be listed")

    def _found(self) -> dict[Path, Version]:
        """Versions of the files by which a change is noticed."""
        try:
            places = [one for one in self._path.iterdir() if not one.name.startswith(".")]
        except OSError:
            return {}
        return {place / name: version_of(place / name) for place in places for name in _WATCHED}


def heads_folder_of(settings: Settings) -> HeadsFolder | None:
    """The folder that the settings name, if any.

    Raises:
        HeadError: it can't be read, or what is in it may not be released.
        ArtifactError: a task model is damaged.
    """
    return None if settings.released_heads is None else HeadsFolder(settings.released_heads)


def _meet(one: ReleasedHead, other: ReleasedHead) -> bool:
    """Whether a device may find both with one model."""
    mine, theirs = one.backbone, other.backbone
    if mine is None or theirs is None or mine.revision == theirs.revision:
        return True
    return mine.encoder_revision is not None and mine.encoder_revision == theirs.encoder_revision
