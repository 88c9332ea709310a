"""What is released at one moment, by revision."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.releases.bundle import Bundle
from service.releases.deltas import Deltas
from service.releases.listing import Candidate, Listing, OfferedDelta
from service.releases.rollout import Rollout


@dataclass(frozen=True, eq=False)
class ReleaseSet:
    """The model that serves, and what the file of the roll-out adds to it.

    Attributes:
        served: None if the model that serves has no files, as a test's has not.
        rollout: what is released beside it.
    """

    served: Bundle | None
    rollout: Rollout

    @property
    def current(self) -> Bundle | None:
        """What devices take that do not take the candidate."""
        served = self.served
        return None if served is None or served.revision in self.rollout.revoked else served

    @property
    def candidate(self) -> Bundle | None:
        """What a share of the devices takes; none once it serves."""
        candidate, served = self.rollout.candidate, self.served
        if candidate is None or (served is not None and served.revision == candidate.revision):
            return None
        return candidate

    def bundle(self, revision: str) -> Bundle | None:
        """What is released under a revision, earlier models included."""
        return None if revision in self.rollout.revoked else self._known().get(revision)

    def pairs(self) -> Iterator[tuple[Bundle, Bundle]]:
        """Between which bundles devices move: from all that they may have to what they should have."""
        for target in filter(None, (self.current, self.candidate)):
            for source in self._known().values():  # also of revoked ones, whose devices need another one most
                if source.revision != target.revision:
                    yield source, target

    def listing(self, deltas: Deltas) -> Listing:
        """What devices are told; of the deltas those that are made."""
        current, candidate = self.current, self.candidate
        return Listing(
            current=current and current.release(self._offers(current, deltas)),
            candidate=candidate
            and Candidate(
                **dict(candidate.release(self._offers(candidate, deltas))),
                percent=self.rollout.percent,
                salt=self.rollout.salt,
            ),
            revoked=tuple(sorted(self.rollout.revoked)),
        )

    def _offers(self, target: Bundle, deltas: Deltas) -> tuple[OfferedDelta, ...]:
        made = (deltas.made(source, to) for source, to in self.pairs() if to is target)
        return tuple(delta.offer for delta in made if delta is not None)

    def _known(self) -> dict[str, Bundle]:
        """By revision; of two with the same one, the one that is more in use."""
        bundles = filter(None, (*reversed(self.rollout.previous), self.candidate, self.served))
        return {bundle.revision: bundle for bundle in bundles}
