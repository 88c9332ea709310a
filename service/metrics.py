"""Every Prometheus metric of the service, declared in one place.

Labels hold only names from a fixed set: no path, text, id or key ever becomes a label.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_STAGE_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_CANDIDATE_BUCKETS = (1, 5, 10, 20, 50, 100, 200, 500, 1000)


class Metrics:
    """The metrics of one app, over a registry of its own, so that several apps can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = self._counter("requests", "Requests answered.", "route", "method", "status")
        self.requests_in_flight = self._gauge("requests_in_flight", "Requests being answered.")
        self.request_seconds = Histogram(
            "edge_rank_request_seconds",
            "Time from a request's arrival to the end of its answer.",
            ["route"],
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.stage_seconds = Histogram(
            "edge_rank_stage_seconds",
            "Time in a stage: queue, encode (of which tokenize, infer), features, store, score.",
            ["stage"],
            buckets=_STAGE_BUCKETS,
            registry=self.registry,
        )
        self.onnx_runs = self._counter("onnx_runs", "Runs of the ONNX graph.")
        self.run_tokens = self._counter("run_tokens", "Tokens given to the ONNX graph, padding included.")
        self.encoded_texts = self._counter("encoded_texts", "Texts embedded.")
        self.encoded_tokens = self._counter("encoded_tokens", "Tokens of embedded texts, without padding.")
        self.truncated_texts = self._counter("truncated_texts", "Embedded texts longer than the model reads.")
        self.cache_lookups = self._counter(
            "cache_lookups", "Items looked up in a tier of the feature store: hit, miss or corrupt.", "tier", "outcome"
        )
        self.changed_texts = self._counter(
            "changed_texts", "Stored items whose text had changed and was embedded anew."
        )
        self.memory_items = self._gauge("memory_items", "Items in the in-process tier.")
        self.redis_errors = self._counter("redis_errors", "Redis commands that failed.", "operation", "kind")
        self.redis_skipped = self._counter(
            "redis_skipped", "Redis commands not sent because the breaker was open.", "operation"
        )
        self.tier_available = self._gauge(
            "tier_available", "1 while the breaker before a tier of the feature store is closed, else 0.", "tier"
        )
        self.candidates = Histogram(
            "edge_rank_candidates",
            "Candidates of a rank request.",
            buckets=_CANDIDATE_BUCKETS,
            registry=self.registry,
        )
        self.missing_candidates = self._counter("missing_candidates", "Candidates with no text that no store knew.")
        self.degraded = self._counter("degraded_answers", "Answers that something was missing from.", "reason")
        self.ready = self._gauge("ready", "1 once the service is ready, else 0.")
        self.model_info = self._gauge("model_info", "The model that serves; always 1.", "name", "revision")
        self.model_device_bytes = self._gauge("model_device_bytes", "Bytes of the files that a device needs.")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"edge_rank_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"edge_rank_{name}", text, labels, registry=self.registry)
