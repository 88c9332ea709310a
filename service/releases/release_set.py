"""The set of bundles that are released at one moment."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.releases.bundle import Bundle
from service.releases.deltas import Deltas
from service.releases.head_bundle import HeadBundle
from service.releases.listing import Candidate, Listing, OfferedDelta
from service.releases.rollout import Rollout


@dataclass(frozen=True, eq=False)
class ReleaseSet:
    """The served model (None if it has no files, as in tests), and what the roll-out file adds to it.

    `heads` are the heads, packs and task models that devices may ask for; None: nobody said which.
    """

    served: Bundle | None
    rollout: Rollout
    heads: tuple[HeadBundle, ...] | None = None

    @property
    def current(self) -> Bundle | None:
        """The bundle for devices that don't take the canary."""
        served = self.served
        return None if served is None or served.revision in self.rollout.revoked else served

    @property
    def canary(self) -> Bundle | None:
        """The bundle for a share of the devices; None once it is served."""
        canary, served = self.rollout.canary, self.served
        if canary is None or (served is not None and served.revision == canary.revision):
            return None
        return canary

    def bundle(self, revision: str) -> Bundle | None:
        """The released bundle of a revision; previous models are released, too."""
        return None if revision in self.rollout.revoked else self._known().get(revision)

    def head(self, revision: str) -> HeadBundle | None:
        """The released head, pack or task model of a revision."""
        return next((one for one in self._heads() if one.revision == revision), None)

    def pairs(self) -> Iterator[tuple[Bundle, Bundle]]:
        """The updates of devices: from all bundles that they may have to those that they should have."""
        for target in filter(None, (self.current, self.canary)):
            for source in self._known().values():  # revoked ones, too: their devices most need an update
                if source.revision != target.revision:
                    yield source, target

    def listing(self, deltas: Deltas) -> Listing:
        """The listing for devices, with the deltas that are ready."""
        current, canary = self.current, self.canary
        return Listing(
            current=current and current.release(self._offers(current, deltas)),
            candidate=canary
            and Candidate(
                **dict(canary.release(self._offers(canary, deltas))),
                percent=self.rollout.percent,
                salt=self.rollout.salt,
            ),
            heads=None if self.heads is None else tuple(one.listed for one in self._heads()),
            revoked=tuple(sorted(self.rollout.revoked)),
        )

    def _offers(self, target: Bundle, deltas: Deltas) -> tuple[OfferedDelta, ...]:
        made = (deltas.made(source, to) for source, to in self.pairs() if to is target)
        return tuple(delta.offer for delta in made if delta is not None)

    def _heads(self) -> Iterator[HeadBundle]:
        return (one for one in self.heads or () if one.revision not in self.rollout.revoked)

    def _known(self) -> dict[str, Bundle]:
        """Bundles by revision; of two with the same one, the more widely used."""
        bundles = filter(None, (*reversed(self.rollout.previous), self.canary, self.served))
        return {bundle.revision: bundle for bundle in bundles}
