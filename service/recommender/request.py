"""A ranking request as the recommender reads it.

The API's models satisfy these types structurally, so that a request is ranked without being copied.
"""

from collections.abc import Sequence
from typing import Protocol, Required, TypedDict

from service.ranking.candidates import Action
from service.ranking.weights import Ranker


class CandidateInput(TypedDict, total=False):
    """An item to rank; without a text, it is looked up in the feature store by its id."""

    id: Required[str]
    text: str | None
    score: float | None
    features: dict[str, float]
    category: str | None


class EventInput(Protocol):
    """Something the user did with an item, which has an id, a text, or both."""

    @property
    def item_id(self) -> str | None:
        """The item's id."""

    @property
    def text(self) -> str | None:
        """The item's text."""

    @property
    def category(self) -> str | None:
        """The item's category."""

    @property
    def action(self) -> Action:
        """The user's action."""

    @property
    def age_s(self) -> float | None:
        """Seconds since then."""


class OptionsInput(Protocol):
    """Options of a request."""

    @property
    def top_n(self) -> int | None:
        """Number of results; None: all."""

    @property
    def diversity(self) -> float:
        """0: by score alone; 1: by novelty alone."""

    @property
    def pin(self) -> Sequence[str]:
        """Ids that come first, in this order."""

    @property
    def exclude(self) -> Sequence[str]:
        """Ids that are left out."""

    @property
    def max_per_category(self) -> int | None:
        """Most results of one category."""

    @property
    def ranker(self) -> Ranker | None:
        """The requested ranker."""

    @property
    def explain(self) -> bool:
        """Whether to explain scores."""
