"""Every Prometheus metric of the service, declared in one place.

Labels hold only names from a fixed set: no path, text, id or key ever becomes a label.
"""

import os
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client import values as stored
from prometheus_client.multiprocess import MultiProcessCollector

from service.admission.ticket import Size
from service.metrics.usage import UsageCollector
from service.metrics.worker_roster import METRICS_FOLDER
from service.ranking.candidates import Action
from service.ranking.degradation import Degradation
from service.ranking.weights import RANKERS

_STAGE_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_LATENCY_BUCKETS = (*_STAGE_BUCKETS, 2.5, 5.0)
_RATIO_BUCKETS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0, 8.0)
_CANDIDATE_BUCKETS = (1, 5, 10, 20, 50, 100, 200, 500, 1000)
_TEXT_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_SCORE_BUCKETS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 3.0)
_TOKEN_BUCKETS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)

_Mode = Literal["livesum", "livemin", "livemax"]
STAGES = ("queue", "encode", "infer", "store", "score")
REDIS_OPERATIONS = ("get", "put")
REDIS_ERRORS = ("timeout", "stalled", "connection", "authentication", "refused", "other")
REFUSALS = (
    "unauthorized",
    "forbidden",
    "rate_limited",
    "overloaded",
    "queue_full",
    "connections",
    "malformed",
    "timeout",
    "too_large",
    "memory",
)
UNMATCHED = "unmatched"
NO_VARIANT = ""
"""The variant of a ranking outside of experiments: to Prometheus, the same as no label."""
_LOOKUPS = {
    "queries": ("hit", "miss"),
    "memory": ("hit", "miss"),
    "store": ("hit", "miss", "corrupt"),
    "redis": ("hit", "miss", "corrupt"),
}


class Metrics:
    """The metrics of one app, in a registry of its own, so that several apps can share a process.

    Every series with known labels exists from the start, at 0: rates have no gap at the first event, and alerts are
    never silent for lack of data.
    """

    def __init__(self, workers: Path | None = None) -> None:
        """Declare the metrics, for a process alone or for `workers` that share a folder."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.usage = UsageCollector(workers)
        self.registry.register(self.usage)
        self.requests = self._counter("requests", "Requests answered.", "route", "method", "status")
        self.requests_in_flight = self._gauge("requests_in_flight", "Requests being answered.", mode="livesum")
        self.connections = self._gauge("connections", "Open connections of clients.", mode="livesum")
        self.admission_ratio = self._histogram(
            "admission_ratio", "Time that an admitted request took, over what was predicted.", _RATIO_BUCKETS
        )
        self.wait_seconds = self._histogram(
            "wait_seconds",
            "Time that work waited before the last of it was begun, by the size of its request.",
            _LATENCY_BUCKETS,
            "class",
        )
        self.request_seconds = self._histogram(
            "request_seconds", "Time from a request's arrival, body included, to its answer.", _LATENCY_BUCKETS, "route"
        )
        self.stage_seconds = self._histogram(
            "stage_seconds", "Time in a stage: queue, encode (of which infer), store, score.", _STAGE_BUCKETS, "stage"
        )
        self.stages = {stage: self.stage_seconds.labels(stage) for stage in STAGES}
        self.onnx_runs = self._counter("onnx_runs", "Runs of the ONNX graph.")
        self.run_texts = self._histogram("run_texts", "Texts of a run of the ONNX graph.", _TEXT_BUCKETS)
        self.run_tokens = self._histogram(
            "run_tokens", "Tokens of a run of the ONNX graph, padding included.", _TOKEN_BUCKETS
        )
        self.queue_tokens = self._gauge(
            "queue_tokens", "Tokens of texts that wait for a run, estimated.", mode="livesum"
        )
        self.encoded_texts = self._counter("encoded_texts", "Texts embedded.")
        self.encoded_tokens = self._counter("encoded_tokens", "Tokens of embedded texts, without padding.")
        self.truncated_texts = self._counter("truncated_texts", "Embedded texts longer than the model reads.")
        self.unknown_pieces = self._counter(
            "unknown_pieces", "Tokens that the model's vocabulary has no piece for, among those of embedded texts."
        )
        self.cache_lookups = self._counter(
            "cache_lookups",
            "Items and texts looked up in a tier of the feature store: hit, miss or corrupt.",
            "tier",
            "outcome",
        )
        self.cache_writes = self._counter(
            "cache_writes",
            "Texts to be written to Redis behind answers: written, or dropped for lack of it.",
            "outcome",
        )
        self.memory_items = self._gauge("memory_items", "Items and texts in the in-process tier.", mode="livesum")
        self.redis_seconds = self._histogram(
            "redis_seconds", "Time of a Redis command, failed ones included.", _STAGE_BUCKETS, "operation"
        )
        self.redis_errors = self._counter(
            "redis_errors", f"Redis commands that failed: {', '.join(REDIS_ERRORS)}.", "operation", "kind"
        )
        self.redis_skipped = self._counter(
            "redis_skipped", "Redis commands not sent because the breaker was open.", "operation"
        )
        self.tier_available = self._gauge(
            "tier_available",
            "1 while the breaker before a tier of the feature store is closed, else 0.",
            "tier",
            mode="livemin",
        )
        self.refused = self._counter(
            "refused_requests", f"What was refused before work for it was begun: {', '.join(REFUSALS)}.", "reason"
        )
        self.candidates = self._histogram("candidates", "Candidates of a rank request.", _CANDIDATE_BUCKETS)
        self.best_score = self._histogram(
            "best_score", "Best score of a complete answer by the learned weights; 0 if it is below.", _SCORE_BUCKETS
        )
        self.missing_candidates = self._counter("missing_candidates", "Candidates with no text that no store knew.")
        self.degraded = self._counter("degraded_answers", "Answers that something was missing from.", "reason")
        self.rankings = self._counter(
            "rankings", "Rankings, by who ranked and the arm of an experiment, if it was one's.", "ranker", "variant"
        )
        self.impressions = self._counter(
            "impressions", "Lines of the impression log: written, or dropped because they could not be.", "outcome"
        )
        self.feedback = self._counter(
            "feedback",
            "Events of feedback; known: they belong to an answer that the service remembers.",
            "action",
            "known",
        )
        self.classified_inputs = self._counter("classified_inputs", "Texts and pairs classified.", "head")
        self.ready = self._gauge("ready", "1 once the service is ready, else 0.", mode="livemax")
        self.model_info = self._gauge("model_info", "1 for each model that serves.", "name", "revision", mode="livemax")
        self.model_swaps = self._counter("model_swaps", "Models that were to take over: done or refused.", "outcome")
        self.download_bytes = self._counter(
            "download_bytes", "Bytes that devices loaded under /v1/model/: of listings, files and deltas.", "kind"
        )
        self.deltas = self._counter(
            "deltas", "Deltas made between revisions: offered, or larger than the files that changed.", "outcome"
        )
        self.rollout_reads = self._counter(
            "rollout_reads", "Times that the file of the roll-out was read anew: done or refused.", "outcome"
        )
        self.released_head_reads = self._counter(
            "released_head_reads", "Times that the folder of released heads was read anew: done or refused.", "outcome"
        )
        self.rollout_percent = self._gauge(
            "rollout_percent", "Percent of the devices that take the candidate; 0 without one.", mode="livemax"
        )
        self.model_device_bytes = self._gauge(
            "model_device_bytes", "Bytes of the files that a device needs.", mode="livemax"
        )
        self._create_series()

    def expect_route(self, route: str, methods: Iterable[str], statuses: Iterable[int]) -> None:
        """Create the series of a route."""
        self.request_seconds.labels(route)
        for method, status in product(methods, statuses):
            self.requests.labels(route, method, str(status))

    def _create_series(self) -> None:
        self.request_seconds.labels(UNMATCHED)
        for tier, outcomes in _LOOKUPS.items():
            for outcome in outcomes:
                self.cache_lookups.labels(tier, outcome)
        for operation in REDIS_OPERATIONS:
            self.redis_seconds.labels(operation)
            self.redis_skipped.labels(operation)
            for kind in REDIS_ERRORS:
                self.redis_errors.labels(operation, kind)
        for ranker in RANKERS:
            self.rankings.labels(ranker, NO_VARIANT)
        for action, known in product(get_args(Action), ("yes", "no")):
            self.feedback.labels(action, known)
        metric: Counter | Histogram
        for metric, values in (
            (self.refused, REFUSALS),
            (self.wait_seconds, get_args(Size)),
            (self.degraded, get_args(Degradation)),
            (self.model_swaps, ("done", "refused")),
            (self.rollout_reads, ("done", "refused")),
            (self.released_head_reads, ("done", "refused")),
            (self.deltas, ("offered", "larger")),
            (self.download_bytes, ("listing", "file", "delta")),
            (self.impressions, ("written", "dropped")),
            (self.cache_writes, ("written", "dropped")),
        ):
            for value in values:
                metric.labels(value)

    def _histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"edge_rank_{name}", text, labels, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"edge_rank_{name}", text, labels, registry=self.registry)

    def exposition(self) -> bytes:
        """All metrics, of all workers, in Prometheus's text format."""
        if METRICS_FOLDER not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(self.usage)
        return generate_latest(registry)

    def _gauge(self, name: str, text: str, *labels: str, mode: _Mode) -> Gauge:
        """A gauge; `mode` says how the values of several processes are combined."""
        return Gauge(f"edge_rank_{name}", text, labels, registry=self.registry, multiprocess_mode=mode)


def count_in_slot(slot: int) -> None:
    """Count as the worker of a slot, continuing the counts of its predecessor; `METRICS_FOLDER` must be set.

    By default, prometheus_client creates files for each process, and a scrape reads those of dead ones, too. Must be
    called before metrics are created.
    """
    stored.ValueClass = stored.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]
