"""Answers a rank request: gather vectors, compute signals, score, arrange, explain."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from service.deadline import Deadline
from service.features.base import Features, unit_vectors
from service.gathering import Gathered, Gatherer, Subject
from service.metrics import Metrics
from service.model import Model
from service.ranking.arrangement import arrange, similarities_of
from service.ranking.explanation import explain
from service.ranking.scorer import Scores, score
from service.ranking.signals import Candidates, Event, compute_signals
from service.schemas import (
    Candidate,
    HistoryEvent,
    RankRequest,
    RankResponse,
    RankResult,
    RankTiming,
    RankUsage,
    SignalContribution,
)


class Recommender:
    """Ranks candidates. Of a request, nothing outlives its answer but the vectors of items in the feature store."""

    def __init__(self, model: Model, gatherer: Gatherer, metrics: Metrics) -> None:
        self._model = model
        self._gatherer = gatherer
        self._metrics = metrics

    async def rank(self, request: RankRequest, *, request_id: str, arrived: float) -> RankResponse:
        """Put a request's candidates in order.

        Args:
            request: valid, and within the limits.
            request_id: what the answer calls the request.
            arrived: when it arrived, in `time.perf_counter` seconds; its deadline counts from there.

        Raises:
            DeadlineExceededError: the deadline passed before the costly work could start.
        """
        options = request.options
        excluded = frozenset(options.exclude)
        places = [place for place, one in enumerate(request.candidates) if one.id not in excluded]
        candidates = [request.candidates[place] for place in places]
        history = request.user.history

        gathered = await self._gatherer.gather(
            _words(request.query),
            [*map(_subject_of_candidate, candidates), *map(_subject_of_event, history)],
            Deadline.after(options.deadline_ms, since=arrived),
        )
        started = time.perf_counter()
        features = gathered.features[: len(candidates)]
        seen = _as_candidates(candidates, features, self._model.encoder.dimension)
        events = _as_events(history, gathered.features[len(candidates) :])
        weights = self._model.weights.by_signal
        scores = score(compute_signals(seen, gathered.query, events), weights)
        order = _order(request, candidates, features, seen, scores)
        results = [
            RankResult(
                id=candidates[one].id,
                index=places[one],
                rank=rank,
                score=float(scores.totals[one]),
                status="ok" if seen.has_vector[one] else "missing",
                explanation=_explanation(scores, weights, one) if options.explain else None,
            )
            for rank, one in enumerate(order, start=1)
        ]
        scored = time.perf_counter()

        usage = _usage(gathered, len(candidates), seen)
        self._observe(usage, len(request.candidates), scored - started, degraded=not gathered.complete)
        return RankResponse(
            request_id=request_id,
            model=self._model.label,
            results=results,
            degraded=[] if gathered.complete else ["feature_store"],
            usage=usage,
            timing_ms=RankTiming(
                total=_milliseconds(scored - arrived),
                features=_milliseconds(gathered.features_s),
                encode=_milliseconds(gathered.encode_s),
                score=_milliseconds(scored - started),
            ),
        )

    def _observe(self, usage: RankUsage, candidates: int, score_s: float, *, degraded: bool) -> None:
        self._metrics.candidates.observe(candidates)
        self._metrics.missing_candidates.inc(usage.missing_items)
        self._metrics.stage_seconds.labels("score").observe(score_s)
        if degraded:
            self._metrics.degraded.labels("feature_store").inc()


def _words(text: str | None) -> str | None:
    """The text, or None if there is nothing in it to read."""
    return text if text is not None and text.strip() else None


def _subject_of_candidate(candidate: Candidate) -> Subject:
    return Subject(candidate.id, _words(candidate.text), candidate.category, keep=True)


def _subject_of_event(event: HistoryEvent) -> Subject:
    return Subject(event.item_id, _words(event.text))


def _as_candidates(candidates: Sequence[Candidate], features: Sequence[Features | None], dimension: int) -> Candidates:
    has_vector = np.array([one is not None for one in features], dtype=np.bool_)
    vectors = np.zeros((len(candidates), dimension), dtype=np.float32)
    known = [one for one in features if one is not None]
    if known:
        vectors[has_vector] = unit_vectors(known)
    scores = np.array([np.nan if one.score is None else one.score for one in candidates], dtype=np.float64)
    return Candidates(vectors=vectors, has_vector=has_vector, scores=scores)


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
    by_id = {one.id: position for position, one in enumerate(candidates)}
    similarities = None
    if options.diversity > 0:
        known_categories = [one.category if one else None for one in features]
        categories = [one.category or known for one, known in zip(candidates, known_categories, strict=True)]
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
