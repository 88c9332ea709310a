"""Requests with known gains, and their signals by the service's own code."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.cache import CHUNK
from model_build.ranking.data.lists import JudgedList, Matrix
from service.api.schemas.rank import Candidate, HistoryEvent
from service.encoder.base import Encoder, mean_direction
from service.feature_store.features import Features
from service.ranking.candidates import Query
from service.ranking.signals import SIGNALS, compute_signals
from service.recommender.feature_assembly import assemble_candidates, assemble_events
from service.text.cleaning import has_words
from service.text.terms import Terms

_GIVEN_ORDER = SIGNALS.index("upstream_position")


@dataclass(frozen=True)
class JudgedRequest:
    """A request and the gains of its candidates: float64 `[candidates]`.

    The history has the latest event first; candidates are in an order that means nothing. All have their texts.
    """

    query: str | None
    history: Sequence[HistoryEvent]
    candidates: Sequence[Candidate]
    gains: Matrix
    group: str
    source: str


class FeatureCache:
    """Features of texts as the service stores them, computed once each."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._features: dict[str, Features] = {}
        self._queries: dict[str, Query] = {}

    def add(self, requests: Sequence[JudgedRequest]) -> None:
        """Embed the texts of requests that are not yet cached."""
        texts = {text for one in requests for text in _texts(one) if has_words(text)} - self._features.keys()
        for text, windows, terms in self._embedded(texts):
            self._features[text] = Features.of(windows, text, terms)
        queries = {one.query for one in requests if one.query is not None} - self._queries.keys()
        for text, windows, terms in self._embedded(queries):
            self._queries[text] = Query(mean_direction(windows), terms)

    def judged(self, request: JudgedRequest) -> JudgedList:
        """The signals of a request whose texts were added.

        The order of the candidates is a file's, not a backend's, so `upstream_position` is unknown.
        """
        known = [self._features.get(text) for text in _texts(request)]
        count = len(request.candidates)
        signals = compute_signals(
            assemble_candidates(request.candidates, known[:count], [False] * count, self._encoder.dimension),
            None if request.query is None else self._queries.get(request.query),
            assemble_events(request.history, known[count:]),
        )
        columns = np.stack([signals[name] for name in SIGNALS], axis=1)
        columns[:, _GIVEN_ORDER] = np.nan
        return JudgedList(columns, request.gains, request.group, request.source)

    def _embedded(self, texts: Iterable[str]) -> Iterator[tuple[str, NDArray[np.float32], Terms]]:
        ordered = sorted(texts, key=lambda text: (len(text), text))
        for start in range(0, len(ordered), CHUNK):
            part = ordered[start : start + CHUNK]
            encoding = self._encoder.encode(part)
            for text, windows, terms, readable in zip(
                part, encoding.windows, encoding.terms, encoding.readable, strict=True
            ):
                if readable:
                    yield text, windows, terms


def judge(requests: Sequence[JudgedRequest], cache: FeatureCache) -> list[JudgedList]:
    """Embed the texts of requests and compute their signals."""
    cache.add(requests)
    return [cache.judged(one) for one in requests]


def _texts(request: JudgedRequest) -> list[str]:
    """Texts of the candidates, then of the history."""
    candidates = [one.get("text") or "" for one in request.candidates]
    return candidates + [one.text or "" for one in request.history]
