"""The signals of all candidates of a request.

A signal is float64 `[candidates]`, NaN where unknown. `neutralized` replaces NaN by the mean of the others, so that an
unknown signal moves a candidate neither up nor down.

    query_similarity     cosine with the query, of a long text in three ways, -1 to 1
    query_overlap        share of the query's words in the text, weighted by IDF, 0 to 1
    query_lead_overlap   the same in the title, the first words of the text, 0 to 1
    history_similarity   mean cosine with clicked, viewed or bought items, weighted by recency, -1 to 1
    history_peak         greatest cosine with one of them, -1 to 1
    history_overlap      TF-IDF cosine of the words with theirs, 0 to 1
    skip_similarity      mean cosine with skipped items, weighted by recency, -1 to 1
    repeat               how recently the user clicked, viewed or bought this very item, 0 to 1
    category_affinity    share of clicked, viewed or bought items in the candidate's category, 0 to 1
    upstream_score       the backend's score, scaled to 0 to 1 within the request
    upstream_position    the backend's position, 1 / log2(2 + index), 1 to 0
    popularity           how often the item was taken lately, on a logarithmic scale, 0 to 1
    freshness            how new the item is, or how lately it was taken, 1 to 0
    repetition           how far the text repeats the same words, 0 to 1
    just_bought          how recently the user bought this very item, 0 to 1

An unreadable text, of which the vocabulary knows no token, is not unknown: its text signals are the least of the
request.
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
    """Compute all of `SIGNALS`; the history has the latest event first."""
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
    """Replace NaN in signals `[..., candidates]` by the mean of the known values; by 0 if none is known."""
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
    """Give unreadable candidates the least value of a signal, at most 0; an entirely unknown signal stays so."""
    if np.isnan(signal[~unreadable]).all():
        return signal
    return np.where(unreadable, min(0.0, float(np.nanmin(signal))), signal)
