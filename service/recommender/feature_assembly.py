"""What of a request the signals look at: its candidates and its history, with what is known of their items."""

from collections.abc import Sequence

import numpy as np

from service.api.schemas.rank import Candidate, HistoryEvent
from service.feature_store.features import Features, unit_vectors, window_vectors
from service.ranking.candidates import Candidates, Event, Signal, Windows, Words
from service.text.terms import NO_TERMS


def assemble_candidates(
    sent: Sequence[Candidate], features: Sequence[Features | None], unreadable: Sequence[bool], dimension: int
) -> Candidates:
    """The candidates that were sent, each with what is known of its item; what the request says of it comes first.

    Args:
        sent: the candidates.
        features: of each; None where nobody knows it.
        unreadable: of each, whether its text was there and could not be read.
        dimension: length of a vector.
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
        popularity=_feature(sent, "popularity"),
        age_s=_feature(sent, "age_s"),
    )


def assemble_events(history: Sequence[HistoryEvent], features: Sequence[Features | None]) -> list[Event]:
    """What the user did, the latest first, each with what is known of its item."""
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


def _feature(sent: Sequence[Candidate], name: str) -> Signal:
    """A number that candidates may carry: float64 `[candidates]`, NaN where it was not told."""
    return np.array([features.get(name) if (features := one.get("features")) else None for one in sent], np.float64)
