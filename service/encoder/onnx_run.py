"""The figures of one run of an ONNX graph, apart from `onnx`, which imports ONNX Runtime."""

from collections.abc import Callable
from dataclasses import dataclass

from service.metrics.registry import Metrics


@dataclass(frozen=True)
class Run:
    """One run of the graph: its texts, its tokens, padding included, its duration, and how many tokens were unknown."""

    texts: int
    tokens: int
    seconds: float
    unknown: int


RunListener = Callable[[Run], None]


def count_runs(metrics: Metrics) -> RunListener:
    """Return a listener that counts the runs of an `OnnxEncoder`."""

    def on_run(run: Run) -> None:
        metrics.onnx_runs.inc()
        metrics.run_texts.observe(run.texts)
        metrics.run_tokens.observe(run.tokens)
        metrics.unknown_pieces.inc(run.unknown)
        metrics.stages["infer"].observe(run.seconds)

    return on_run
