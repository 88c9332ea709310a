"""Which heads, packs and task models a device is to have with a release."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from service.artifact.artifact import SCHEMA_VERSION, check_apart
from service.heads.loading import MOST_HEADS
from service.pull.asked_heads import AskedHeads
from service.pull.installed_heads import InstalledHead
from service.releases.errors import ChecksumError, LackingHeadError, TooNewError
from service.releases.listing import MOST_RELEASE_BYTES, Listing, Release, ReleasedHead

REVOKED = "revoked"
WITHDRAWN = "no longer released"
UNWANTED = "no longer asked for"
UNFIT = "not released for this model"


@dataclass(frozen=True)
class HeadChoice:
    """The heads that a device is to have, by name.

    Attributes:
        released: those that it is to have as they are released, on the device already or not.
        kept: those that stay although none is released for the model that stays.
        without: why it is not to have others that it has or was asked for; by label, or name if it has none.
    """

    released: Mapping[str, ReleasedHead] = field(default_factory=dict)
    kept: Mapping[str, InstalledHead] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)

    @property
    def revisions(self) -> dict[str, str]:
        """Revisions by name."""
        return {name: one.revision for name, one in self._all.items()}

    @property
    def labels(self) -> tuple[str, ...]:
        """Names and abbreviated revisions, sorted."""
        return tuple(sorted(one.label for one in self._all.values()))

    @property
    def _all(self) -> dict[str, ReleasedHead | InstalledHead]:
        return {**self.released, **self.kept}


def choose_heads(
    listing: Listing,
    release: Release,
    have: Mapping[str, InstalledHead],
    asked: AskedHeads,
    *,
    fresh: Collection[str],
    same_model: bool,
    may_lack: bool,
) -> HeadChoice:
    """Choose heads for a release, which is the device's model already if `same_model`.

    A head goes if it is revoked, if none of its name is released any more, for whatever model, or if it is not asked
    for. One that is released, but not for this model, keeps the device from taking the model, with which it would lose
    what the head does; unless it `may_lack` heads. One that it does not have is a reason only if its name is `fresh`:
    not asked for before.

    Raises:
        LackingHeadError: a head is not released for the model.
        TooNewError: one that was named is of a kind that this program does not know.
        ChecksumError: the listing is not what a service can mean.
    """
    fitting = _fitting(listing, release)
    listed = None if listing.heads is None else {one.name for one in listing.heads}
    chosen: dict[str, ReleasedHead] = {}
    kept: dict[str, InstalledHead] = {}
    without: dict[str, str] = {}
    for name in sorted({*fitting, *have}) if asked.all else asked.names:
        mine = have.get(name)
        is_revoked = mine is not None and mine.revision in listing.revoked
        is_withdrawn = listed is not None and name not in listed
        if name in fitting:
            chosen[name] = fitting[name]
        elif mine is not None and same_model and not is_revoked and not is_withdrawn:
            kept[name] = mine
        elif mine is None and name in fresh and not may_lack:
            raise _lacking(listing, release, name)
        elif mine is None or is_revoked or is_withdrawn or may_lack:
            why = REVOKED if is_revoked else WITHDRAWN if is_withdrawn else UNFIT
            without[name if mine is None else mine.label] = why
        else:
            raise LackingHeadError(
                f"{release.label} is released without {name}, which this device has, so it keeps its model; "
                "--heads says which heads it is to have"
            )
    if not asked.all:
        without |= {one.label: UNWANTED for name, one in have.items() if name not in asked.names}
    _check(list(chosen.values()))
    return HeadChoice(chosen, kept, without)


def _fitting(listing: Listing, release: Release) -> dict[str, ReleasedHead]:
    """The heads that are released for a model, of kinds that this program knows, by name."""
    found: dict[str, ReleasedHead] = {}
    for one in listing.heads or ():
        if not one.fits(release) or not _is_known(one) or one.revision in listing.revoked:
            continue
        if one.name in found:
            raise ChecksumError(f"the service lists two heads called {one.name} for {release.label}")
        found[one.name] = one
    return found


def _is_known(head: ReleasedHead) -> bool:
    return head.is_known and head.schema_version <= SCHEMA_VERSION


def _lacking(listing: Listing, release: Release, name: str) -> LackingHeadError | TooNewError:
    """Why a head that was named is not to be had."""
    if listing.heads is None:
        return LackingHeadError(f"the service releases no heads, so not {name} either")
    found = [one for one in listing.heads if one.name == name]
    if any(one.fits(release) and not _is_known(one) for one in found):
        return TooNewError(f"{name} is of a kind of which this program knows nothing: update it")
    if found:
        return LackingHeadError(
            f"{name} is released, but not for {release.label}, the model that this device is to have"
        )
    return LackingHeadError(f"the service releases no head called {name}")


def _check(chosen: Sequence[ReleasedHead]) -> None:
    try:
        check_apart([one.name for one in chosen])
    except ValueError:
        raise ChecksumError("the service lists heads whose names differ in their case alone") from None
    if len(chosen) > MOST_HEADS:
        raise ChecksumError(f"the service lists {len(chosen)} heads for a model; a device serves at most {MOST_HEADS}")
    if sum(one.bytes for one in chosen) > MOST_RELEASE_BYTES:
        raise ChecksumError(f"the service lists heads of more than {MOST_RELEASE_BYTES} bytes")
