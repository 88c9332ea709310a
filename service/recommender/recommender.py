"""Ranks the candidates of a request: retrieve features, compute signals, score, build the slate, explain."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

from service.admission.deadline import Deadline
from service.impressions.impression import Impression
from service.metrics.registry import NO_VARIANT, Metrics
from service.process.yielding import TimeSlice
from service.ranking.candidates import Candidates, Event
from service.ranking.degradation import Degradation
from service.ranking.explanation import explain
from service.ranking.history import informative, superseded
from service.ranking.scorer import score
from service.ranking.signals import compute_signals
from service.ranking.slate import SlateOptions, build_slate
from service.ranking.weights import SignalWeights, surface_of
from service.recommender.answer import RankResponse, RankResult, RankTiming, RankUsage, Status
from service.recommender.experiment import Choice
from service.recommender.feature_assembly import assemble_candidates, assemble_events
from service.recommender.feature_retrieval import FeatureRetriever, RetrievedFeatures, Subjects
from service.recommender.request import CandidateInput, EventInput, OptionsInput
from service.text.cleaning import has_words

ImpressionListener = Callable[[Impression], None]

# Diversity compares all pairs of candidates: with more than these, on a thread instead of the event loop.
_MOST_COMPARED_HERE = 100
_RESULTS_AT_ONCE = 64


class Recommender:
    """Ranks candidates. Nothing of a request outlives its answer but features of items in the feature store."""

    def __init__(
        self, model: str, weights: SignalWeights, dimension: int, retriever: FeatureRetriever, metrics: Metrics
    ) -> None:
        self._model, self._weights, self._dimension = model, weights, dimension
        self._retriever, self._metrics = retriever, metrics

    async def rank(
        self,
        query: str | None,
        candidates: Sequence[CandidateInput],
        history: Sequence[EventInput],
        options: OptionsInput,
        *,
        request_id: str,
        arrived: float,
        deadline: Deadline,
        choice: Choice | None = None,
        on_impression: ImpressionListener | None = None,
    ) -> RankResponse:
        """Rank candidates with unique ids, in the backend's order, for a query and a history, the latest event first.

        The request `arrived` at that moment of `time.perf_counter`. By default, its own ranker is used.

        Raises:
            DeadlineExceededError: the deadline passed, and the backend's own scores do not suffice for an order.
            OverloadedError: too many texts are queued.
        """
        time_slice, choice = TimeSlice(), choice or Choice(options.ranker or "fused")
        excluded = frozenset(options.exclude)
        places = [place for place, one in enumerate(candidates) if one["id"] not in excluded]
        sent = [candidates[place] for place in places]
        query = query if has_words(query) else None

        retrieved = await self._retriever.retrieve(
            query,
            _subjects(sent, history),
            deadline,
            # The backend's own scores suffice for an order; without them, an answer in time would be a guess.
            late=bool(sent) and all(one.get("score") is not None for one in sent),
        )
        await time_slice.checkpoint()
        started = time.perf_counter()
        count = len(sent)
        seen = assemble_candidates(sent, retrieved.features[:count], retrieved.unreadable[:count], self._dimension)
        await time_slice.checkpoint()
        events = informative(assemble_events(history, retrieved.features[count:]), seen)
        # An unreadable query does not count, one that there was no time to embed does.
        has_query = retrieved.query is not None or (query is not None and not retrieved.in_time)
        surface = surface_of(has_query=has_query, has_history=bool(events))
        weights = (choice.weights or self._weights).of(choice.ranker, surface)
        scores = score(compute_signals(seen, retrieved.query, events), weights)
        await time_slice.checkpoint()
        ordering = partial(build_slate, scores.totals, seen, _slate_options(options, seen.ids))
        on_thread = options.diversity > 0 and count > _MOST_COMPARED_HERE
        order = await asyncio.to_thread(ordering) if on_thread else ordering()
        totals, statuses = scores.totals.tolist(), _statuses(seen)
        results: list[RankResult] = []
        for start in range(0, len(order), _RESULTS_AT_ONCE):
            some = order[start : start + _RESULTS_AT_ONCE]
            await time_slice.checkpoint()
            explanations = explain(scores, weights, some) if options.explain else [None] * len(some)
            results += [
                RankResult(sent[one]["id"], places[one], rank, totals[one], statuses[one], explanation)
                for rank, (one, explanation) in enumerate(zip(some, explanations, strict=True), start=start + 1)
            ]
        scored = time.perf_counter()

        usage = _usage(retrieved, seen, events)
        degraded = _degraded(retrieved)
        self._observe(usage, len(candidates), scored - started, degraded)
        self._metrics.rankings.labels(choice.ranker, choice.variant or NO_VARIANT).inc()
        if on_impression is not None:
            impression = Impression(
                at=int(time.time()),
                request_id=request_id,
                model=self._model,
                surface=surface,
                ranker=choice.ranker,
                variant=choice.variant,
                item_ids=[one.id for one in results],
                places=order,
                signals=scores.signals,
            )
            on_impression(impression)
        if totals and not degraded and choice.ranker == "fused":
            self._metrics.best_score.observe(max(0.0, *totals))  # the sum of a histogram must not fall
        return RankResponse(
            request_id=request_id,
            model=self._model,
            ranker=choice.ranker,
            variant=choice.variant,
            results=results,
            degraded=degraded,
            usage=usage,
            timing_ms=RankTiming(
                total=_milliseconds(scored - arrived),
                features=_milliseconds(retrieved.features_s),
                encode=_milliseconds(retrieved.encode_s),
                score=_milliseconds(scored - started),
            ),
        )

    def _observe(self, usage: RankUsage, candidates: int, score_s: float, degraded: Sequence[Degradation]) -> None:
        self._metrics.candidates.observe(candidates)
        self._metrics.missing_candidates.inc(usage.missing_items)
        self._metrics.stages["score"].observe(score_s)
        for reason in degraded:
            self._metrics.degraded.labels(reason).inc()


def _readable(text: str | None) -> str | None:
    """The text, or None if it is blank."""
    return text if has_words(text) else None


def _subjects(candidates: Sequence[CandidateInput], history: Sequence[EventInput]) -> Subjects:
    ids = [one["id"] for one in candidates]
    texts = [_readable(one.text) for one in history]

    def unread(known: Collection[str]) -> list[int]:
        known_ids = {*known, *ids}
        may_inform = [
            text is not None or one.category is not None or one.item_id in known_ids
            for one, text in zip(history, texts, strict=True)
        ]
        return [len(ids) + place for place in superseded(may_inform, [one.action for one in history])]

    return Subjects(
        ids=[*ids, *[one.item_id for one in history]],
        texts=[*[_readable(one.get("text")) for one in candidates], *texts],
        categories=[*[one.get("category") for one in candidates], *[None] * len(history)],
        candidates=len(candidates),
        unread=unread,
    )


def _degraded(retrieved: RetrievedFeatures) -> list[Degradation]:
    reasons: list[Degradation] = []
    if not retrieved.complete:
        reasons.append("feature_store")
    if not retrieved.in_time:
        reasons.append("deadline")
    return reasons


def _slate_options(options: OptionsInput, ids: Sequence[str]) -> SlateOptions:
    places = {one: place for place, one in enumerate(ids)} if options.pin else {}
    return SlateOptions(
        pinned=[places[one] for one in options.pin if one in places],
        top_n=options.top_n,
        diversity=options.diversity,
        max_per_category=options.max_per_category,
    )


def _statuses(seen: Candidates) -> list[Status]:
    return [
        "ok" if known else "unreadable" if unreadable else "missing"
        for known, unreadable in zip(seen.has_vector.tolist(), seen.unreadable.tolist(), strict=True)
    ]


def _usage(retrieved: RetrievedFeatures, seen: Candidates, events: Sequence[Event]) -> RankUsage:
    return RankUsage(
        tokens=retrieved.tokens,
        encoded_texts=retrieved.encoded_texts,
        cached_items=sum(retrieved.from_store[: len(seen)]),
        missing_items=int((~seen.has_vector).sum()),
        truncated_texts=retrieved.truncated_texts,
        unreadable_texts=retrieved.unreadable_texts,
        known_events=len(events),
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
