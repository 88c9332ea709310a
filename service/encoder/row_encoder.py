"""Reads each input as one row: a task model its texts, or its pairs jointly; a model with a pack's adapters texts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from service.artifact.artifact import ArtifactError, ModelShape
from service.encoder.base import Encoding
from service.encoder.graph import Graph, longest_row
from service.text.terms import NO_TERMS
from service.text.wordpiece import WordPieceTokenizer


class OnnxRowEncoder:
    """Reads rows on the calling thread. Thread-safe; the attributes are those of `RowEncoder`."""

    def __init__(
        self, graph: Graph, tokenizer: WordPieceTokenizer, shape: ModelShape, *, pairs: bool, cost: float, path: Path
    ) -> None:
        """Try the graph out: `path` is the file that the error names.

        Raises:
            ArtifactError: it does not give a row of `shape.dimension` finite numbers for each input.
        """
        self._graph, self._tokenizer, self._width = graph, tokenizer, shape.dimension
        self.cost, self.max_length = cost, shape.max_length
        (short,) = tokenizer.rows([("warm up",) * (2 if pairs else 1)])
        longest = longest_row(shape.vocabulary_size, shape.max_length)
        begins = [short.second, len(longest) // 2 if pairs else len(longest)]
        found = graph.trial(path, [short.ids, longest], begins, purpose="classify a text")
        if found.shape != (2, self._width):
            raise ArtifactError(f"{path} gives numbers of shape {found.shape}, the manifest states [2, {self._width}]")
        if not np.isfinite(found).all():
            raise ArtifactError(f"{path} gives numbers that are not finite")

    def encode(self, inputs: Sequence[tuple[str, ...]]) -> Encoding:
        """Read inputs of one or two texts each, at least one.

        Raises:
            ValueError: a number is not finite.
        """
        rows = self._tokenizer.rows(inputs)
        vectors = self._graph.numbers([row.ids for row in rows], self._width, [row.second for row in rows])
        if not np.isfinite(vectors).all():
            raise ValueError("the graph gives numbers that are not finite")
        return Encoding(
            vectors=vectors,
            windows=[one[None] for one in vectors],
            tokens=np.array([len(row.ids) for row in rows], dtype=np.int64),
            truncated=np.array([row.truncated for row in rows], dtype=np.bool_),
            readable=np.array([row.readable for row in rows], dtype=np.bool_),
            terms=[NO_TERMS] * len(rows),
        )


def relative_cost(shape: ModelShape, served: ModelShape) -> float:
    """About what a token costs, that of the served model being 1: by the multiplications that their shapes state."""
    return min(100.0, max(0.1, _products(shape) / max(1, _products(served))))


def _products(shape: ModelShape) -> int:
    layer = shape.hidden_size * (4 * shape.hidden_size + 2 * shape.intermediate_size)
    return shape.embedding_size * shape.hidden_size + shape.layers * layer
