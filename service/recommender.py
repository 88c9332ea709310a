"""Answers a rank request: gather vectors, compute signals, score, arrange, explain."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

import numpy as np

from service.deadline import Deadline
from service.degradation import Degradation
from service.features.base import Features, unit_vectors
from service.gathering import Gathered, Gatherer, Subjects
from service.metrics import Metrics
from service.model import Model
from service.ranking.arrangement import arrange, similarities_of
from service.ranking.explanation import explain
from service.ranking.scorer import Scores, score
from service.ranking.signals import Candidates, Event, Signal, compute_signals
from service.schemas.base import has_words
from service.schemas.rank import (
    Candidate,
    HistoryEvent,
    RankRequest,
    RankResponse,
    RankResult,
    RankTiming,
    RankUsage,
    SignalContribution,
)

# Diversity compares every candidate with every other: of more than these, elsewhere than on the event loop.
_MOST_COMPARED_HERE = 100


class Recommender:
    """Ranks candidates. Of a request, nothing outlives its answer but the vectors of items in the feature store."""

    def __init__(self, model: Model, gatherer: Gatherer, metrics: Metrics) -> None:
        self._model = model
        self._gatherer = gatherer
        self._metrics = metrics

    async def rank(self, request: RankRequest, *, request_id: str, arrived: float, deadline: Deadline) -> RankResponse:
        """Put a request's candidates in order.

        Args:
            request: valid, and within the limits.
            request_id: what the answer calls the request.
            arrived: when it arrived, in `time.perf_counter` seconds.
            deadline: when the answer is due.

        Raises:
            DeadlineExceededError: the deadline passed, and the backend's own scores do not suffice for an order.
            OverloadedError: too many texts wait to be embedded.
        """
        options = request.options
        excluded = frozenset(options.exclude)
        places = [place for place, one in enumerate(request.candidates) if one["id"] not in excluded]
        candidates = [request.candidates[place] for place in places]
        history = request.user.history
        upstream = _upstream_scores(candidates)

        subjects = _subjects(candidates, history)
        gathered = await self._gatherer.gather(
            _words(request.query),
            subjects,
            deadline,
            # The backend's own scores suffice for an order; without them, an answer in time would be a guess.
            late=bool(len(upstream)) and not np.isnan(upstream).any(),
        )
        started = time.perf_counter()
        features = gathered.features[: len(candidates)]
        seen = _as_candidates(upstream, features, self._model.encoder.dimension)
        events = _as_events(history, gathered.features[len(candidates) :])
        weights = self._model.weights.by_signal
        scores = score(compute_signals(seen, gathered.query, events), weights)
        ordering = partial(_order, request, candidates, features, seen, scores)
        aside = options.diversity > 0 and len(candidates) > _MOST_COMPARED_HERE
        order = await asyncio.to_thread(ordering) if aside else ordering()
        totals, has_vector = scores.totals.tolist(), seen.has_vector.tolist()
        results = [
            RankResult(candidates[one]["id"], places[one], rank, totals[one], "ok" if has_vector[one] else "missing")
            for rank, one in enumerate(order, start=1)
        ]
        if options.explain:
            for result, one in zip(results, order, strict=True):
                result.explanation = _explanation(scores, weights, one)
        scored = time.perf_counter()

        usage = _usage(gathered, len(candidates), seen)
        degraded = _degraded(gathered)
        self._observe(usage, len(request.candidates), scored - started, degraded)
        return RankResponse(
            request_id=request_id,
            model=self._model.label,
            results=results,
            degraded=degraded,
            usage=usage,
            timing_ms=RankTiming(
                total=_milliseconds(scored - arrived),
                features=_milliseconds(gathered.features_s),
                encode=_milliseconds(gathered.encode_s),
                score=_milliseconds(scored - started),
            ),
        )

    def _observe(self, usage: RankUsage, candidates: int, score_s: float, degraded: Sequence[Degradation]) -> None:
        self._metrics.candidates.observe(candidates)
        self._metrics.missing_candidates.inc(usage.missing_items)
        self._metrics.stages["score"].observe(score_s)
        for reason in degraded:
            self._metrics.degraded.labels(reason).inc()


def _words(text: str | None) -> str | None:
    """The text, or None if there is nothing in it to read."""
    return text if has_words(text) else None


def _subjects(candidates: Sequence[Candidate], history: Sequence[HistoryEvent]) -> Subjects:
    return Subjects(
        ids=[*[one["id"] for one in candidates], *[one.item_id for one in history]],
        texts=[*[_words(one.get("text")) for one in candidates], *[_words(one.text) for one in history]],
        categories=[*[one.get("category") for one in candidates], *[None] * len(history)],
        kept=len(candidates),
    )


def _upstream_scores(candidates: Sequence[Candidate]) -> Signal:
    scores = [one.get("score") for one in candidates]
    return np.array(scores, dtype=np.float64)  # None becomes NaN


def _degraded(gathered: Gathered) -> list[Degradation]:
    reasons: list[Degradation] = []
    if not gathered.complete:
        reasons.append("feature_store")
    if not gathered.in_time:
        reasons.append("deadline")
    return reasons


def _as_candidates(upstream: Signal, features: Sequence[Features | None], dimension: int) -> Candidates:
    known = [one for one in features if one is not None]
    if len(known) == len(features) and known:
        return Candidates(unit_vectors(known), np.ones(len(known), dtype=np.bool_), upstream)
    has_vector = np.array([one is not None for one in features], dtype=np.bool_)
    vectors = np.zeros((len(features), dimension), dtype=np.float32)
    if known:
        vectors[has_vector] = unit_vectors(known)
    return Candidates(vectors=vectors, has_vector=has_vector, scores=upstream)


def _as_events(history: Sequence[HistoryEvent], features: Sequence[Features | None]) -> list[Event]:
    """The events whose items are known; the others say nothing, but still count as later events."""
    known = [(order, one) for order, one in enumerate(features) if one is not None]
    if not known:
        return []
    vectors = unit_vectors([one for _, one in known])
    return [
        Event(vector=vector, action=history[order].action, age_s=history[order].age_s, order=order)
        for (order, _), vector in zip(known, vectors, strict=True)
    ]


def _order(
    request: RankRequest,
    candidates: Sequence[Candidate],
    features: Sequence[Features | None],
    seen: Candidates,
    scores: Scores,
) -> list[int]:
    options = request.options
    by_id = {one["id"]: position for position, one in enumerate(candidates)} if options.pin else {}
    similarities = None
    if options.diversity > 0:
        known_categories = [one.category if one else None for one in features]
        categories = [one.get("category") or known for one, known in zip(candidates, known_categories, strict=True)]
        similarities = similarities_of(seen, categories)
    return arrange(
        scores.totals,
        similarities,
        pinned=[by_id[one] for one in options.pin if one in by_id],
        top_n=options.top_n,
        diversity=options.diversity,
    )


def _explanation(scores: Scores, weights: Mapping[str, float], candidate: int) -> dict[str, SignalContribution]:
    return {name: SignalContribution(**asdict(one)) for name, one in explain(scores, weights, candidate).items()}


def _usage(gathered: Gathered, candidates: int, seen: Candidates) -> RankUsage:
    return RankUsage(
        tokens=gathered.tokens,
        encoded_texts=gathered.encoded_texts,
        cached_items=sum(gathered.from_store[:candidates]),
        missing_items=int((~seen.has_vector).sum()),
        truncated_texts=gathered.truncated_texts,
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
