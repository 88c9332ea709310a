"""A device's update: find out what it should have, load what it lacks, verify, switch.

Whatever happens in between, the model in use is whole: the link to it is switched last, and at once.
"""

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from service.artifact.artifact import MANIFEST, RANKER, SCHEMA_VERSION, Artifact, ArtifactError, label_of, load_artifact
from service.releases.bundle import read_bundle
from service.files.printable import printable
from service.files.regular import read_file
from service.pull.model_store import ModelStore
from service.pull.download import Wanted, download
from service.pull.remote import CutError, GoneError, Remote
from service.pull.trial import Trial, try_apart
from service.ranking.weights import RankerError, load_weights
from service.releases.delta import DeltaError, apply_delta
from service.releases.errors import ChecksumError, NothingToTakeError, ServiceError, TooNewError
from service.releases.listing import Listing, OfferedDelta, Release

_TURNS = 3  # what is released may change while a device loads it

Progress = Callable[[int, int], None]
"""Told how many bytes are there, of how many."""


@dataclass(frozen=True)
class Outcome:
    """What became of an update.

    Attributes:
        what: whether the device took a release, had it already, stays with its own because it went back from the
            release before, or goes back now.
        name: of the model in use.
        revision: of the model in use.
        loaded_bytes: how much came over the air.
        by_delta: whether the device files came as a delta.
    """

    what: Literal["taken", "kept", "held", "rolled back"]
    name: str
    revision: str
    loaded_bytes: int = 0
    by_delta: bool = False

    @property
    def told(self) -> str:
        """In one line."""
        label = label_of(self.name, self.revision)
        if self.what == "taken":
            how = ", as a delta" if self.by_delta else ""
            return f"{label} is in use now: {self.loaded_bytes:,} bytes loaded{how}"
        if self.what == "kept":
            return f"{label} is in use already"
        if self.what == "rolled back":
            return f"{label} is in use again; what this device went back from is not taken until another is released"
        return f"{label} stays in use: this device went back from what is released; --again takes it"


def pull(
    remote: Remote,
    depot: ModelStore,
    device_id: str,
    progress: Progress,
    *,
    again: bool = False,
    try_out: Trial = try_apart,
) -> Outcome:
    """Have the device take the release that it should have. The depot must be locked.

    Args:
        remote: the service.
        depot: the device's folder.
        device_id: decides whether the device takes the candidate; never sent.
        progress: told of what comes.
        again: take a release even if the device went back from it.
        try_out: embeds a text with a model of which nothing but the checksums is known.

    Raises:
        UpdateError: the device keeps what it has.
    """
    for _ in range(_TURNS):
        try:
            with _leaving_room(depot):
                return _turn(remote, depot, device_id, progress, again, try_out)
        except GoneError:
            continue
        except CutError as error:
            raise ServiceError(f"the service does not answer: {error}") from None
    raise ServiceError("the service lists a release, but does not give it")


@contextmanager
def _leaving_room(depot: ModelStore) -> Iterator[None]:
    """Keep what has come for the next try, unless it is of no use or the disk is full."""
    try:
        yield
    except ChecksumError:
        depot.forget_partials()
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            depot.forget_partials()
        raise


def roll_back(depot: ModelStore) -> Outcome:
    """Have the device use the model before, and not take the one that it had until another one is released.

    Raises:
        NothingToTakeError: there is no model before.
    """
    current, previous = depot.current, depot.previous
    if previous is None:
        raise NothingToTakeError(f"{depot.folder} has no earlier model to go back to")
    if current is not None:
        depot.hold(current.manifest.revision)
    depot.take_previous()
    return Outcome("rolled back", previous.manifest.name, previous.manifest.revision)


def _turn(remote: Remote, depot: ModelStore, device_id: str, progress: Progress, again: bool, try_out: Trial) -> Outcome:
    listing = remote.listing()
    release, current = listing.release_for(device_id), depot.current
    if release is None:
        raise NothingToTakeError("the service releases no model that this device may have")
    if release.schema_version > SCHEMA_VERSION:
        raise TooNewError(
            f"{release.name} has a manifest of version {release.schema_version}, of which this program knows nothing: "
            "update it"
        )
    if current is not None and current.manifest.revision == release.revision:
        _forget_revoked(depot, listing)
        return Outcome("kept", release.name, release.revision)
    if current is not None and _is_held(depot, current, release, listing) and not again:
        return Outcome("held", current.manifest.name, current.manifest.revision)
    depot.tidy()
    depot.forget_partials(but={*(file.sha256 for file in release.files), *(delta.sha256 for delta in release.deltas)})
    outcome = _take(remote, depot, release, progress, try_out)
    _forget_revoked(depot, listing)
    depot.tidy()
    depot.forget_partials()
    return outcome


def _is_held(depot: ModelStore, current: Artifact, release: Release, listing: Listing) -> bool:
    """Whether the device went back from the release; not for the price of a revoked one."""
    return release.revision == depot.held and current.manifest.revision not in listing.revoked


def _forget_revoked(depot: ModelStore, listing: Listing) -> None:
    previous = depot.previous
    if previous is not None and previous.manifest.revision in listing.revoked:
        depot.forget_previous()


def _take(remote: Remote, depot: ModelStore, release: Release, progress: Progress, try_out: Trial) -> Outcome:
    own = [artifact for artifact in (depot.current, depot.previous) if artifact is not None]
    kept = {entry.sha256: artifact.folder / path for artifact in own for path, entry in artifact.manifest.files.items()}
    lacking = sum(file.bytes for file in release.files if file.device and file.sha256 not in kept)
    offer = _best_offer(release, own, lacking)
    # Each file once as it comes, and once in the model's folder.
    depot.check_space(lacking + sum(file.bytes for file in release.files))
    with depot.draft() as draft:
        by_delta = offer is not None and _took_delta(remote, depot, release, offer, draft, progress)
        _take_files(remote, depot, release, kept, draft, progress)
        _verify(draft, release, try_out)
        depot.install(draft, release.revision)
    return Outcome("taken", release.name, release.revision, remote.loaded_bytes, by_delta)


def _best_offer(release: Release, own: list[Artifact], lacking: int) -> tuple[OfferedDelta, Artifact] | None:
    """The smallest delta from a model that the device has, if it is smaller than the files that it lacks."""
    has = {artifact.manifest.revision: artifact for artifact in own}
    offers = [(offer, has[offer.source]) for offer in release.deltas if offer.source in has and offer.bytes < lacking]
    return min(offers, key=lambda offer: offer[0].bytes, default=None)


def _took_delta(
    remote: Remote,
    depot: ModelStore,
    release: Release,
    offer: tuple[OfferedDelta, Artifact],
    draft: Path,
    progress: Progress,
) -> bool:
    """Make the release's device files in the draft; whether that went well. Whole files can do what a delta can't."""
    delta, source = offer
    wanted = Wanted(f"{release.revision}/delta/{delta.source}", delta.bytes, delta.sha256)
    partial = depot.partial(delta.sha256)
    try:
        download(remote, wanted, partial, _Count(progress, delta.bytes))
        sizes = {file.path: file.bytes for file in release.files if file.device}
        old = read_bundle(source).device_contents
        made = apply_delta(read_file(partial, most=delta.bytes), delta.source, old, release.revision, sizes)
    except (ArtifactError, ChecksumError, DeltaError, GoneError):
        return False
    if {path: _sha256(content) for path, content in made.items()} != {
        file.path: file.sha256 for file in release.files if file.device
    }:
        return False
    for path, content in made.items():
        (draft / path).parent.mkdir(parents=True, exist_ok=True)
        (draft / path).write_bytes(content)
    return True


def _take_files(
    remote: Remote, depot: ModelStore, release: Release, kept: Mapping[str, Path], draft: Path, progress: Progress
) -> None:
    """Bring what the draft lacks of a release: from `kept`, files that the device has by checksum, else by air."""
    lacking = [file for file in release.files if not (draft / file.path).exists()]
    count = _Count(progress, sum(file.bytes for file in lacking if file.sha256 not in kept))
    for file in lacking:
        place = draft / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.sha256 in kept:
            shutil.copyfile(kept[file.sha256], place)
            continue
        partial = depot.partial(file.sha256)
        download(remote, Wanted(f"{release.revision}/{quote(file.path)}", file.bytes, file.sha256), partial, count)
        shutil.copyfile(partial, place)  # it stays until the release is taken: another file may be the same


def _verify(draft: Path, release: Release, try_out: Trial) -> None:
    try:
        artifact = load_artifact(draft)
        load_weights(draft / RANKER)
        if artifact.manifest.revision != release.revision:
            raise ChecksumError("what came is another revision than the service says")
        if {file.path for file in release.files} != {MANIFEST, *artifact.manifest.files}:
            raise ChecksumError("the service lists other files than the model has")
        try_out(draft)
    except (ArtifactError, RankerError) as error:
        raise ChecksumError(
            f"what the service releases is not a model that this program can use: {printable(str(error))}"
        ) from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class _Count:
    """Counts what is there, and tells of it."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._there = progress, total, 0

    def __call__(self, more: int) -> None:
        self._there += more
        self._progress(self._there, self._total)
