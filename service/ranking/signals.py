"""The signals: each says, for every candidate at once, one thing that speaks for or against it.

A signal is float64 `[candidates]`, NaN where it is not known. `neutralized` then gives a candidate whose signal is
unknown what the others have on average, so that not knowing moves it neither up nor down.

    query_similarity     cosine with the query, of a long text in three ways, -1 to 1
    query_overlap        share of the query's words in the text, weighed by idf, 0 to 1
    query_lead_overlap   the same in the first words of the text, 0 to 1
    history_similarity   mean cosine with what the user clicked, viewed or bought, recent events more, -1 to 1
    history_peak         greatest cosine with one of them, -1 to 1
    history_overlap      cosine of the words with theirs, weighed by idf, 0 to 1
    skip_similarity      mean cosine with what the user skipped, recent events more, -1 to 1
    repeat               how recently the user clicked, viewed or bought this very item, 0 to 1
    category_affinity    share of what the user clicked, viewed or bought in the candidate's category, 0 to 1
    upstream_score       the backend's score, its least in the request at 0, its greatest at 1
    upstream_position    the place the backend gave, 1 / log2(2 + index), 1 to 0
    popularity           how often the item was taken lately, on a logarithmic scale, 0 to 1
    freshness            how new the item is, or how lately it was taken, 1 to 0
    repetition           how far the text says the same words over and over, 0 to 1
    just_bought          how recently the user bought this very item, 0 to 1

A text of which the vocabulary knows nothing is not unknown: it is as far from the query and from what the user liked as
the farthest of the request.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Candidates, Event, Query, Signal
from service.ranking.history import UserProfile
from service.ranking.lexical import query_overlaps
from service.ranking.similarity import similarities
from service.ranking.upstream import freshness, popularity, upstream_position, upstream_score

HISTORY_OF_TEXTS = ("history_similarity", "history_peak", "history_overlap")

SIGNALS = (
    "query_similarity",
    "query_overlap",
    "query_lead_overlap",
    "history_similarity",
    "history_peak",
    "history_overlap",
    "skip_similarity",
    "repeat",
    "category_affinity",
    "upstream_score",
    "upstream_position",
    "popularity",
    "freshness",
    "repetition",
    "just_bought",
)

_OF_TEXTS = ("query_similarity", "query_overlap", "query_lead_overlap", *HISTORY_OF_TEXTS)


def compute_signals(candidates: Candidates, query: Query | None, history: Sequence[Event]) -> dict[str, Signal]:
    """Every one of `SIGNALS`, NaN where it is not known.

    Args:
        candidates: what is to be ranked.
        query: None without one.
        history: the latest event first.
    """
    liked = UserProfile(candidates, [event for event in history if event.action != "skip"])
    skipped = UserProfile(candidates, [event for event in history if event.action == "skip"])
    overlap, title_overlap = query_overlaps(candidates, None if query is None else query.terms)
    signals = {
        "query_similarity": _query_similarity(candidates, query),
        "query_overlap": overlap,
        "query_lead_overlap": title_overlap,
        "history_similarity": liked.similarity(),
        "history_peak": liked.peak(),
        "history_overlap": liked.overlap(),
        "skip_similarity": skipped.similarity(),
        "repeat": liked.repeat(),
        "category_affinity": liked.category_affinity(),
        "upstream_score": upstream_score(candidates.scores),
        "upstream_position": upstream_position(len(candidates)),
        "popularity": popularity(candidates.popularity),
        "freshness": freshness(candidates.age_s),
        "repetition": np.where(candidates.has_vector, candidates.words.repetition, np.nan),
        "just_bought": liked.bought(),
    }
    if candidates.unreadable.any():
        for name in _OF_TEXTS:
            signals[name] = _with_least(signals[name], candidates.unreadable)
    return signals


def neutralized(signals: Signal) -> Signal:
    """Signals `[..., candidates]` with what is unknown at the mean of what is known; if nothing is known, 0 for all."""
    unknown = np.isnan(signals)
    if not unknown.any():
        return signals
    known = np.where(unknown, 0.0, signals)
    counts = (~unknown).sum(axis=-1, keepdims=True)
    neutral = known.sum(axis=-1, keepdims=True) / np.maximum(counts, 1)
    return np.where(unknown, neutral, signals)


def _query_similarity(candidates: Candidates, query: Query | None) -> Signal:
    if query is None:
        return np.full(len(candidates), np.nan)
    return similarities(query.vector, candidates.vectors, candidates.windows)


def _with_least(signal: Signal, unreadable: NDArray[np.bool_]) -> Signal:
    """The signal with its least value, 0 at most, for what can't be read; none where it is known of no candidate."""
    if np.isnan(signal[~unreadable]).all():
        return signal
    return np.where(unreadable, min(0.0, float(np.nanmin(signal))), signal)
