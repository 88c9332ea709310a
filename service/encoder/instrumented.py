"""Metrics of an encoder."""

import time
from collections.abc import Sequence

from service.encoder.base import Encoder, Encoding
from service.encoder.onnx_run import Run, RunListener
from service.metrics.registry import Metrics


class InstrumentedEncoder:
    """Counts and times the calls of an encoder."""

    def __init__(self, encoder: Encoder, metrics: Metrics) -> None:
        self._encoder = encoder
        self._metrics = metrics

    @property
    def revision(self) -> str:
        """The encoder's revision."""
        return self._encoder.revision

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Encoding:
        """Embed texts."""
        started = time.perf_counter()
        encoding = self._encoder.encode(texts)
        self._metrics.stages["encode"].observe(time.perf_counter() - started)
        self._metrics.encoded_texts.inc(len(texts))
        self._metrics.encoded_tokens.inc(int(encoding.tokens.sum()))
        self._metrics.truncated_texts.inc(int(encoding.truncated.sum()))
        return encoding


def count_runs(metrics: Metrics) -> RunListener:
    """Return a listener that counts the runs of an `OnnxEncoder`."""

    def on_run(run: Run) -> None:
        metrics.onnx_runs.inc()
        metrics.run_texts.observe(run.texts)
        metrics.run_tokens.observe(run.tokens)
        metrics.unknown_pieces.inc(run.unknown)
        metrics.stages["infer"].observe(run.seconds)

    return on_run
