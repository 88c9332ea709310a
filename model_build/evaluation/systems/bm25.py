"""The BM25 baseline."""

import logging
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from model_build.common.systems import LexicalIndex, Role

logging.getLogger("bm25s").setLevel(logging.WARNING)  # the package sets itself to DEBUG


class BM25System:
    """Lucene's variant of BM25 (k1 1.5, b 0.75) over lower-cased words without English stop words."""

    name = "BM25"
    role = Role.BASELINE
    bytes = 0

    def index(self, documents: Sequence[str]) -> LexicalIndex:
        """Index a collection; IDF is over all of its documents."""
        return _Index(documents)


class _Index:
    def __init__(self, documents: Sequence[str]) -> None:
        self._documents = len(documents)
        self._model = bm25s.BM25(method="lucene")
        self._model.index(_words(documents), show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        words = _words([query])[0]
        if not words:
            return np.zeros(self._documents, dtype=np.float32)
        scores: NDArray[np.float32] = self._model.get_scores(words)
        return scores


def _words(texts: Sequence[str]) -> list[list[str]]:
    words: list[list[str]] = bm25s.tokenize(list(texts), return_ids=False, show_progress=False)
    return words
