"""Answers a rank request: gather vectors, compute signals, score, build_slate, explain."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

from service.admission.deadline import Deadline
from service.api.schemas.base import has_words
from service.api.schemas.rank import (
    Candidate,
    HistoryEvent,
    RankOptions,
    RankRequest,
    RankResponse,
    RankResult,
    RankTiming,
    RankUsage,
    Status,
)
from service.impressions.impression import Impression
from service.metrics.registry import NO_VARIANT, Metrics
from service.models.model import Model
from service.process.yielding import Pace
from service.ranking.slate import SlateOptions, build_slate
from service.ranking.candidates import Candidates, Event
from service.ranking.degradation import Degradation
from service.ranking.explanation import explain
from service.ranking.history import informative, superseded
from service.ranking.scorer import score
from service.ranking.signals import compute_signals
from service.ranking.weights import surface_of
from service.recommender.experiment import Choice
from service.recommender.feature_assembly import assemble_candidates, assemble_events
from service.recommender.feature_retrieval import RetrievedFeatures, FeatureRetriever, Subjects

ImpressionListener = Callable[[Impression], None]

# Diversity compares every candidate with every other: of more than these, elsewhere than on the event loop.
_MOST_COMPARED_HERE = 100
_RESULTS_AT_ONCE = 64


class Recommender:
    """Ranks candidates. Of a request, nothing outlives its answer but the vectors of items in the feature store."""

    def __init__(self, model: Model, gatherer: FeatureRetriever, metrics: Metrics) -> None:
        self._model = model
        self._gatherer = gatherer
        self._metrics = metrics

    async def rank(
        self,
        request: RankRequest,
        *,
        request_id: str,
        arrived: float,
        deadline: Deadline,
        choice: Choice | None = None,
        on_shown: ImpressionListener | None = None,
    ) -> RankResponse:
        """Put a request's candidates in order.

        Args:
            request: valid, and within the limits.
            request_id: what the answer calls the request.
            arrived: when it arrived, in `time.perf_counter` seconds.
            deadline: when the answer is due.
            choice: who ranks; by default, who the request asks for.
            on_shown: told what the answer shows, with the signals of each.

        Raises:
            DeadlineExceededError: the deadline passed, and the backend's own scores do not suffice for an order.
            OverloadedError: too many texts wait to be embedded.
        """
        options, pace = request.options, Pace()
        choice = choice or Choice(options.ranker or "fused")
        excluded = frozenset(options.exclude)
        places = [place for place, one in enumerate(request.candidates) if one["id"] not in excluded]
        candidates = [request.candidates[place] for place in places]
        history = request.user.history

        subjects = _subjects(candidates, history)
        gathered = await self._gatherer.gather(
            _words(request.query),
            subjects,
            deadline,
            # The backend's own scores suffice for an order; without them, an answer in time would be a guess.
            late=bool(candidates) and all(one.get("score") is not None for one in candidates),
        )
        await pace.turn()
        started = time.perf_counter()
        count = len(candidates)
        seen = assemble_candidates(
            candidates, gathered.features[:count], gathered.unreadable[:count], self._model.encoder.dimension
        )
        await pace.turn()
        events = informative(assemble_events(history, gathered.features[count:]), seen)
        surface = surface_of(has_query=_asks(request, gathered), has_history=bool(events))
        weights = (choice.weights or self._model.weights).of(choice.ranker, surface)
        scores = score(compute_signals(seen, gathered.query, events), weights)
        await pace.turn()
        ordering = partial(build_slate, scores.totals, seen, _arrangement(options, seen.ids))
        aside = options.diversity > 0 and len(candidates) > _MOST_COMPARED_HERE
        order = await asyncio.to_thread(ordering) if aside else ordering()
        totals, statuses = scores.totals.tolist(), _statuses(seen)
        results: list[RankResult] = []
        for start in range(0, len(order), _RESULTS_AT_ONCE):
            some = order[start : start + _RESULTS_AT_ONCE]
            await pace.turn()
            explanations = explain(scores, weights, some) if options.explain else [None] * len(some)
            results += [
                RankResult(candidates[one]["id"], places[one], rank, totals[one], statuses[one], explanation)
                for rank, (one, explanation) in enumerate(zip(some, explanations, strict=True), start=start + 1)
            ]
        scored = time.perf_counter()

        usage = _usage(gathered, seen, events)
        degraded = _degraded(gathered)
        self._observe(usage, len(request.candidates), scored - started, degraded)
        self._metrics.rankings.labels(choice.ranker, choice.variant or NO_VARIANT).inc()
        if on_shown is not None:
            shown = Impression(
                at=int(time.time()),
                request_id=request_id,
                model=self._model.label,
                surface=surface,
                ranker=choice.ranker,
                variant=choice.variant,
                item_ids=[one.id for one in results],
                places=order,
                signals=scores.signals,
            )
            on_shown(shown)
        if totals and not degraded and choice.ranker == "fused":
            self._metrics.best_score.observe(max(0.0, *totals))  # the sum of a histogram must not fall
        return RankResponse(
            request_id=request_id,
            model=self._model.label,
            ranker=choice.ranker,
            variant=choice.variant,
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
    ids = [one["id"] for one in candidates]
    texts = [_words(one.text) for one in history]

    def unread(known: Collection[str]) -> list[int]:
        heard_of = {*known, *ids}
        may_speak = [
            text is not None or one.category is not None or one.item_id in heard_of
            for one, text in zip(history, texts, strict=True)
        ]
        return [len(ids) + place for place in superseded(may_speak, [one.action for one in history])]

    return Subjects(
        ids=[*ids, *[one.item_id for one in history]],
        texts=[*[_words(one.get("text")) for one in candidates], *texts],
        categories=[*[one.get("category") for one in candidates], *[None] * len(history)],
        kept=len(candidates),
        unread=unread,
    )


def _degraded(gathered: RetrievedFeatures) -> list[Degradation]:
    reasons: list[Degradation] = []
    if not gathered.complete:
        reasons.append("feature_store")
    if not gathered.in_time:
        reasons.append("deadline")
    return reasons


def _arrangement(options: RankOptions, ids: Sequence[str]) -> SlateOptions:
    places = {one: place for place, one in enumerate(ids)} if options.pin else {}
    return SlateOptions(
        pinned=[places[one] for one in options.pin if one in places],
        top_n=options.top_n,
        diversity=options.diversity,
        max_per_category=options.max_per_category,
    )


def _asks(request: RankRequest, gathered: RetrievedFeatures) -> bool:
    """Whether there is a query; one that can't be read is none, one for which there was no time is."""
    return gathered.query is not None or (_words(request.query) is not None and not gathered.in_time)


def _statuses(seen: Candidates) -> list[Status]:
    return [
        "ok" if known else "unreadable" if unreadable else "missing"
        for known, unreadable in zip(seen.has_vector.tolist(), seen.unreadable.tolist(), strict=True)
    ]


def _usage(gathered: RetrievedFeatures, seen: Candidates, events: Sequence[Event]) -> RankUsage:
    return RankUsage(
        tokens=gathered.tokens,
        encoded_texts=gathered.encoded_texts,
        cached_items=sum(gathered.from_store[: len(seen)]),
        missing_items=int((~seen.has_vector).sum()),
        truncated_texts=gathered.truncated_texts,
        unreadable_texts=gathered.unreadable_texts,
        known_events=len(events),
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
