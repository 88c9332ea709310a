"""Signals of the user's history: how similar a candidate is to its items, and whether it is one of them."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Action, Candidates, Event, Signal
from service.ranking.lexical import history_overlap as overlap_of_words

ACTION_WEIGHTS: dict[Action, float] = {"purchase": 1.0, "click": 0.6, "view": 0.3, "skip": 1.0}
HALF_LIFE_S = 7 * 86_400.0
DECAY_PER_EVENT = 0.8
JUST_HALF_LIFE_S = 86_400.0
LATEST = 50
"""Number of latest events of a kind, liked or skipped, that count: older ones weigh next to nothing."""


class UserProfile:
    """A user's events of one kind, liked or skipped, the latest first, compared with candidates.

    Of events with unknown items, only the ids count.
    """

    def __init__(self, candidates: Candidates, events: Sequence[Event]) -> None:
        self._candidates, self._events = candidates, events[:LATEST]
        known = [event for event in self._events if event.vector is not None]
        self._weights = shares_of(known)
        self._known = known if len(self._weights) else []
        self._cosines = self._compare()

    def similarity(self) -> Signal:
        """Weighted mean of the cosines with events; mixed interests give lower values than a single one."""
        return self._of_known(self._cosines @ self._weights)

    def peak(self) -> Signal:
        """The greatest cosine with an event: exact resemblance to one of many items."""
        return self._of_known(self._cosines.max(axis=1, initial=-1.0))

    def overlap(self) -> Signal:
        """Cosine of the words; see `lexical.history_overlap`."""
        if not len(self._weights):
            return self._unknown()
        return overlap_of_words(self._candidates, [event.terms for event in self._known], self._weights)

    def repeat(self) -> Signal:
        """How recent the user's last event with the candidate itself is: 1 now, 0 never; NaN if no event has an id."""
        return self._recency_of(self._events, recency)

    def bought(self) -> Signal:
        """How recently the user bought the candidate itself: 1 now, 0 never; NaN if no purchase has an id."""
        return self._recency_of([event for event in self._events if event.action == "purchase"], just_now)

    def _recency_of(self, events: Sequence[Event], recency_of: Callable[[Event], float]) -> Signal:
        latest: dict[str, float] = {}
        for event in events:
            if event.item_id is not None:
                latest[event.item_id] = max(latest.get(event.item_id, 0.0), recency_of(event))
        if not latest:
            return self._unknown()
        return np.array([latest.get(one, 0.0) for one in self._candidates.ids], dtype=np.float64)

    def category_affinity(self) -> Signal:
        """Weighted share of events in the candidate's category; NaN where it, or they, have none."""
        placed = [event for event in self._events if event.category is not None]
        shares: dict[str | None, float] = {}
        for event, share in zip(placed, shares_of(placed).tolist(), strict=False):
            shares[event.category] = shares.get(event.category, 0.0) + share
        if not shares:
            return self._unknown()
        return np.array(
            [np.nan if one is None else shares.get(one, 0.0) for one in self._candidates.categories], dtype=np.float64
        )

    def _compare(self) -> NDArray[np.float64]:
        """Cosines, `[candidates, known events]`."""
        vectors = [event.vector for event in self._known if event.vector is not None]
        if not vectors:
            return np.zeros((len(self._candidates), 0))
        cosines: NDArray[np.float64] = (self._candidates.vectors @ np.stack(vectors).T).astype(np.float64)
        return cosines

    def _of_known(self, signal: Signal) -> Signal:
        return np.where(self._candidates.has_vector, signal, np.nan) if len(self._weights) else self._unknown()

    def _unknown(self) -> Signal:
        return np.full(len(self._candidates), np.nan)


def informative(events: Sequence[Event], candidates: Candidates) -> list[Event]:
    """The events of items that are known, or are among the candidates."""
    ids = set(candidates.ids)
    return [event for event in events if event.is_known or event.item_id in ids]


def superseded(may_inform: Iterable[bool], actions: Iterable[Action]) -> list[int]:
    """Positions of events after the `LATEST` of their kind, liked or skipped, that may be informative.

    They need not be read. An event may inform if it has a category, a known item or a text. One whose text turns out to
    be unreadable still counts as one of the latest: no older one replaces it.
    """
    counts = {"liked": 0, "skipped": 0}
    places = []
    for place, (may, action) in enumerate(zip(may_inform, actions, strict=True)):
        kind = "skipped" if action == "skip" else "liked"
        if counts[kind] == LATEST:
            places.append(place)
        counts[kind] += may and counts[kind] < LATEST
    return places


def shares_of(events: Sequence[Event]) -> NDArray[np.float64]:
    """The weight of each event: float64 `[events]`, of sum 1; empty if all are 0."""
    weights = np.array([ACTION_WEIGHTS[event.action] * recency(event) for event in events])
    total = weights.sum()
    return weights / total if total > 0 else np.zeros(0)


def recency(event: Event) -> float:
    """Recency of an event: 1 now, halved every `HALF_LIFE_S`; by its position if the age is unknown."""
    if event.age_s is None:
        return float(DECAY_PER_EVENT**event.order)
    return float(0.5 ** (event.age_s / HALF_LIFE_S))


def just_now(event: Event) -> float:
    """Recency of a purchase: 1 now, halved every `JUST_HALF_LIFE_S`; without an age, 1 for the latest alone.

    (Of amazon_office's next purchases, 2 in 100 repeat an earlier one, mostly the last.)
    """
    if event.age_s is None:
        return float(event.order == 0)
    return float(0.5 ** (event.age_s / JUST_HALF_LIFE_S))
