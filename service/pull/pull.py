"""A device's update: choose the release and the heads for it, load the missing files, verify, switch.

The model in use and its heads are complete, and for each other, at any moment: they lie in one folder, to which one
link is switched last, atomically.
"""

import errno
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from service.artifact.artifact import SCHEMA_VERSION, Artifact
from service.pull.asked_heads import AskedHeads
from service.pull.head_choice import REVOKED, HeadChoice, choose_heads
from service.pull.installed_heads import HEADS, InstalledHead, head_names, installed_heads
from service.pull.model_store import ModelStore
from service.pull.remote import CutError, GoneError, Remote
from service.pull.result import PullResult
from service.pull.taking import Progress, take
from service.pull.trial import Trial, try_apart
from service.releases.errors import ChecksumError, FolderError, NothingToTakeError, ServiceError, TooNewError
from service.releases.listing import Listing, Release

_TRIES = 3  # releases may change while a device loads one


def pull(
    remote: Remote,
    store: ModelStore,
    device_id: str,
    progress: Progress,
    *,
    asked: AskedHeads | None = None,
    again: bool = False,
    try_out: Trial = try_apart,
) -> PullResult:
    """Update the device to its release. The store must be locked.

    The device's id, which is never sent, decides whether it takes a canary. The heads that it is `asked` to have with
    the model are remembered; None: those of before. A blocked release is taken only `again`. `try_out` embeds a text
    with a model whose checksums are verified, and classifies one with its heads.

    Raises:
        UpdateError: the device keeps what it has.
    """
    for _ in range(_TRIES):
        try:
            with _useless_partials_removed(store):
                return _update(remote, store, device_id, progress, asked, again, try_out)
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
    """Return the device to what it had before the last update, and block that until something else is released.

    Raises:
        NothingToTakeError: there is no previous model.
    """
    current, previous = store.current, store.previous
    if previous is None:
        raise NothingToTakeError(f"{store.folder} has no earlier model to go back to")
    store.remove_damaged_heads(previous.folder)
    if current is not None:
        store.block(current.manifest.revision, _digest(_revisions(_heads_of(current))))
    store.take_previous()
    heads = tuple(sorted(one.label for one in _heads_of(previous).values()))
    return PullResult("rolled back", previous.manifest.name, previous.manifest.revision, heads)


def _update(
    remote: Remote,
    store: ModelStore,
    device_id: str,
    progress: Progress,
    asked: AskedHeads | None,
    again: bool,
    try_out: Trial,
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
    if current is not None and not again and _is_model_blocked(store, current, release, listing):
        return _blocked(store, current, listing)
    have = {} if current is None else _heads_of(current)
    before = _asked_before(store, have, needed=asked is None)
    wanted = before if asked is None else asked
    stays = current is not None and current.manifest.revision == release.revision
    heads = choose_heads(
        listing,
        release,
        have,
        wanted,
        fresh=set(wanted.names) - set(before.names),
        same_model=stays,
        may_lack=current is not None and current.manifest.revision in listing.revoked,
    )
    if current is not None and stays:
        if heads.revisions.items() <= _revisions(have).items():
            if asked is not None:
                store.ask(asked)
            return _kept(store, current, heads, listing)
        if not again and _are_heads_blocked(store, release, have, heads, listing):
            return _blocked(store, current, listing)
    store.tidy()
    store.forget_partials(but=_sums(release, heads))
    outcome = take(remote, store, release, heads, asked, progress, try_out)
    _forget_revoked(store, listing)
    store.tidy()
    store.forget_partials()
    return outcome


def _asked_before(store: ModelStore, have: Mapping[str, InstalledHead], *, needed: bool) -> AskedHeads:
    """The heads that the device was asked to have; if that is lost, those that it has."""
    try:
        found = store.asked
    except FolderError:
        if needed:
            raise
        found = None
    return AskedHeads(tuple(sorted(have))) if found is None else found


def _is_model_blocked(store: ModelStore, current: Artifact, release: Release, listing: Listing) -> bool:
    """Whether the release's model is blocked; never if the current model is revoked."""
    used = current.manifest.revision
    return release.revision != used and used not in listing.revoked and store.blocked[0] == release.revision


def _are_heads_blocked(
    store: ModelStore, release: Release, have: Mapping[str, InstalledHead], heads: HeadChoice, listing: Listing
) -> bool:
    """Whether the heads are blocked for the current model; never if it has a head that is revoked."""
    is_blocked = store.blocked == (release.revision, _digest(heads.revisions))
    return is_blocked and not any(one.revision in listing.revoked for one in have.values())


def _kept(store: ModelStore, current: Artifact, heads: HeadChoice, listing: Listing) -> PullResult:
    """Leave the model, and remove heads that it is no longer to have."""
    names = [name for name in head_names(current.folder / HEADS) if name not in heads.revisions]
    store.remove_heads(current.folder, names)
    _forget_revoked(store, listing)
    return PullResult("kept", current.manifest.name, current.manifest.revision, heads.labels, heads.without)


def _blocked(store: ModelStore, current: Artifact, listing: Listing) -> PullResult:
    """Leave the model and its heads, except those that are revoked."""
    revoked = _revoked_heads(current, listing)
    store.remove_heads(current.folder, revoked)
    _forget_revoked(store, listing)
    left = tuple(sorted(one.label for one in _heads_of(current).values()))
    without = {one.label: REVOKED for one in revoked.values()}
    return PullResult("blocked", current.manifest.name, current.manifest.revision, left, without)


def _forget_revoked(store: ModelStore, listing: Listing) -> None:
    """Forget the previous model if it is revoked, or those of its heads that are."""
    previous = store.previous
    if previous is None:
        return
    if previous.manifest.revision in listing.revoked:
        store.forget_previous()
    else:
        store.remove_heads(previous.folder, _revoked_heads(previous, listing))


def _revoked_heads(model: Artifact, listing: Listing) -> dict[str, InstalledHead]:
    return {name: one for name, one in _heads_of(model).items() if one.revision in listing.revoked}


def _heads_of(model: Artifact) -> dict[str, InstalledHead]:
    return installed_heads(model.folder / HEADS)


def _revisions(heads: Mapping[str, InstalledHead]) -> dict[str, str]:
    return {name: one.revision for name, one in heads.items()}


def _digest(revisions: Mapping[str, str]) -> str:
    """Identifies heads; empty for none."""
    return hashlib.sha256(" ".join(sorted(revisions.values())).encode()).hexdigest() if revisions else ""


def _sums(release: Release, heads: HeadChoice) -> set[str]:
    """The checksums of what is loaded for a release and its heads."""
    files = [*release.files, *(file for one in heads.released.values() for file in one.files)]
    return {file.sha256 for file in files} | {delta.sha256 for delta in release.deltas}
