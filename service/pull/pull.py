"""A device's update: choose the release, load the missing files, verify, switch.

The model in use is complete at any moment: its link is switched last, atomically.
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
from service.files.printable import printable
from service.files.regular import read_file
from service.pull.download import Wanted, download
from service.pull.model_store import ModelStore
from service.pull.remote import CutError, GoneError, Remote
from service.pull.trial import Trial, try_apart
from service.ranking.weights import RankerError, load_weights
from service.releases.bundle import read_bundle
from service.releases.delta import DeltaError, apply_delta
from service.releases.errors import ChecksumError, NothingToTakeError, ServiceError, TooNewError
from service.releases.listing import Listing, OfferedDelta, Release

_TRIES = 3  # releases may change while a device loads one

Progress = Callable[[int, int], None]
"""Called with the number of bytes loaded, and their total."""


@dataclass(frozen=True)
class PullResult:
    """The result of an update: what became of the release, and the model in use. Device files may come `by_delta`."""

    what: Literal["taken", "kept", "blocked", "rolled back"]
    name: str
    revision: str
    loaded_bytes: int = 0
    by_delta: bool = False

    @property
    def summary(self) -> str:
        """The result in one line."""
        label = label_of(self.name, self.revision)
        if self.what == "taken":
            how = ", as a delta" if self.by_delta else ""
            return f"{label} is in use now: {self.loaded_bytes:,} bytes loaded{how}"
        if self.what == "kept":
            return f"{label} is in use already"
        if self.what == "rolled back":
            return f"{label} is in use again; the model before is blocked until another one is released"
        return f"{label} stays in use: this device rolled back from the current release; --again takes it"


def pull(
    remote: Remote,
    store: ModelStore,
    device_id: str,
    progress: Progress,
    *,
    again: bool = False,
    try_out: Trial = try_apart,
) -> PullResult:
    """Update the device to its release. The store must be locked.

    The device's id, which is never sent, decides whether it takes a canary. A blocked release is taken only `again`.
    `try_out` embeds a text with a model whose checksums are verified.

    Raises:
        UpdateError: the device keeps what it has.
    """
    for _ in range(_TRIES):
        try:
            with _useless_partials_removed(store):
                return _update(remote, store, device_id, progress, again, try_out)
        except GoneError:
            continue
        except CutError as error:
            raise ServiceError(f"the service does not answer: {error}") from None
    raise ServiceError("the service lists a release, but does not give it")


@contextmanager
def _useless_partials_removed(store: ModelStore) -> Iterator[None]:
    """Keep partial downloads for the next try, unless they are wrong or the disk is full."""
    try:
        yield
    except ChecksumError:
        store.forget_partials()
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            store.forget_partials()
        raise


def roll_back(store: ModelStore) -> PullResult:
    """Return the device to its previous model, and block the current one until another one is released.

    Raises:
        NothingToTakeError: there is no previous model.
    """
    current, previous = store.current, store.previous
    if previous is None:
        raise NothingToTakeError(f"{store.folder} has no earlier model to go back to")
    if current is not None:
        store.block(current.manifest.revision)
    store.take_previous()
    return PullResult("rolled back", previous.manifest.name, previous.manifest.revision)


def _update(
    remote: Remote, store: ModelStore, device_id: str, progress: Progress, again: bool, try_out: Trial
) -> PullResult:
    listing = remote.listing()
    release, current = listing.release_for(device_id), store.current
    if release is None:
        raise NothingToTakeError("the service releases no model that this device may have")
    if release.schema_version > SCHEMA_VERSION:
        raise TooNewError(
            f"{release.name} has a manifest of version {release.schema_version}, of which this program knows nothing: "
            "update it"
        )
    if current is not None and current.manifest.revision == release.revision:
        _forget_revoked(store, listing)
        return PullResult("kept", release.name, release.revision)
    if current is not None and _is_blocked(store, current, release, listing) and not again:
        return PullResult("blocked", current.manifest.name, current.manifest.revision)
    store.tidy()
    store.forget_partials(but={*(file.sha256 for file in release.files), *(delta.sha256 for delta in release.deltas)})
    outcome = _take(remote, store, release, progress, try_out)
    _forget_revoked(store, listing)
    store.tidy()
    store.forget_partials()
    return outcome


def _is_blocked(store: ModelStore, current: Artifact, release: Release, listing: Listing) -> bool:
    """Whether the release is blocked; never if the current model is revoked."""
    return release.revision == store.blocked and current.manifest.revision not in listing.revoked


def _forget_revoked(store: ModelStore, listing: Listing) -> None:
    previous = store.previous
    if previous is not None and previous.manifest.revision in listing.revoked:
        store.forget_previous()


def _take(remote: Remote, store: ModelStore, release: Release, progress: Progress, try_out: Trial) -> PullResult:
    own = [artifact for artifact in (store.current, store.previous) if artifact is not None]
    kept = {entry.sha256: artifact.folder / path for artifact in own for path, entry in artifact.manifest.files.items()}
    lacking = sum(file.bytes for file in release.files if file.device and file.sha256 not in kept)
    offer = _best_offer(release, own, lacking)
    # Each file takes its size twice: as it is loaded, and in the model's folder.
    store.check_space(lacking + sum(file.bytes for file in release.files))
    with store.draft() as draft:
        by_delta = offer is not None and _took_delta(remote, store, release, offer, draft, progress)
        _take_files(remote, store, release, kept, draft, progress)
        _verify(draft, release, try_out)
        store.install(draft, release.revision)
    return PullResult("taken", release.name, release.revision, remote.loaded_bytes, by_delta)


def _best_offer(release: Release, own: list[Artifact], lacking: int) -> tuple[OfferedDelta, Artifact] | None:
    """The smallest delta from a model of the device, if it is smaller than the missing files."""
    has = {artifact.manifest.revision: artifact for artifact in own}
    offers = [(offer, has[offer.source]) for offer in release.deltas if offer.source in has and offer.bytes < lacking]
    return min(offers, key=lambda offer: offer[0].bytes, default=None)


def _took_delta(
    remote: Remote,
    store: ModelStore,
    release: Release,
    offer: tuple[OfferedDelta, Artifact],
    draft: Path,
    progress: Progress,
) -> bool:
    """Make the release's device files in the draft from a delta. Returns False if that fails: whole files may work."""
    delta, source = offer
    wanted = Wanted(f"{release.revision}/delta/{delta.source}", delta.bytes, delta.sha256)
    partial = store.partial(delta.sha256)
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
    remote: Remote, store: ModelStore, release: Release, kept: Mapping[str, Path], draft: Path, progress: Progress
) -> None:
    """Add the missing files to the draft, from `kept`, the device's files by checksum, else from the service."""
    lacking = [file for file in release.files if not (draft / file.path).exists()]
    count = _Count(progress, sum(file.bytes for file in lacking if file.sha256 not in kept))
    for file in lacking:
        place = draft / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.sha256 in kept:
            shutil.copyfile(kept[file.sha256], place)
            continue
        partial = store.partial(file.sha256)
        download(remote, Wanted(f"{release.revision}/{quote(file.path)}", file.bytes, file.sha256), partial, count)
        shutil.copyfile(partial, place)  # the partial stays until the end: another file may have the same content


def _verify(draft: Path, release: Release, try_out: Trial) -> None:
    try:
        artifact = load_artifact(draft)
        artifact.check_embeds()
        load_weights(draft / RANKER)
        if artifact.manifest.revision != release.revision:
            raise ChecksumError("the loaded model has another revision than the service lists")
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
    """Adds up the bytes loaded, and reports them."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._loaded = progress, total, 0

    def __call__(self, more: int) -> None:
        self._loaded += more
        self._progress(self._loaded, self._total)
