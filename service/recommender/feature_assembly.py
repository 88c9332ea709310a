"""Feature assembly: a request's candidates and history, with their items' features, as columns for the signals."""

from collections.abc import Sequence

import numpy as np

from service.feature_store.features import Features, unit_vectors, window_vectors
from service.ranking.candidates import Candidates, Event, Signal, Windows, Words
from service.recommender.request import CandidateInput, EventInput
from service.text.terms import NO_TERMS


def assemble_candidates(
    sent: Sequence[CandidateInput], features: Sequence[Features | None], unreadable: Sequence[bool], dimension: int
) -> Candidates:
    """Assemble candidates, with features where they are known, or with a text that can't be read.

    What the request says of an item takes precedence over what is stored.
    """
    known = [one for one in features if one is not None]
    has_vector = np.array([one is not None for one in features], dtype=np.bool_)
    vectors = np.zeros((len(features), dimension), dtype=np.float32)
    windows = window_vectors(known) if known else vectors[:0]
    if known:
        vectors[has_vector] = unit_vectors(known, windows)
    return Candidates(
        vectors=vectors,
        has_vector=has_vector,
        windows=Windows(windows, np.repeat(np.flatnonzero(has_vector), [one.windows for one in known])),
        words=Words.of([NO_TERMS if one is None else one.terms for one in features]),
        unreadable=np.array(unreadable, dtype=np.bool_),
        ids=[one["id"] for one in sent],
        categories=[
            one.get("category") or (stored.category if stored else None)
            for one, stored in zip(sent, features, strict=True)
        ],
        scores=np.array([one.get("score") for one in sent], dtype=np.float64),  # None becomes NaN
        popularity=_numbers(sent, "popularity"),
        age_s=_numbers(sent, "age_s"),
    )


def assemble_events(history: Sequence[EventInput], features: Sequence[Features | None]) -> list[Event]:
    """Assemble the events of a history, the latest first; `features` has None where an item is unknown."""
    known = [one for one in features if one is not None]
    vectors = iter(unit_vectors(known)) if known else iter(())
    return [
        Event(
            vector=None if stored is None else next(vectors),
            action=event.action,
            age_s=event.age_s,
            order=order,
            terms=NO_TERMS if stored is None else stored.terms,
            item_id=event.item_id,
            category=event.category or (stored.category if stored else None),
        )
        for order, (event, stored) in enumerate(zip(history, features, strict=True))
    ]


def _numbers(sent: Sequence[CandidateInput], name: str) -> Signal:
    """A feature that candidates may carry: float64 `[candidates]`, NaN where absent."""
    return np.array([features.get(name) if (features := one.get("features")) else None for one in sent], np.float64)
