"""An encoder without a model, for tests: texts that share words are similar."""

import hashlib
from collections.abc import Sequence

import numpy as np

from service.encoder.base import Encoding
from service.text.terms import MAX_TERMS, Terms

_IDF = 128


class FakeEncoder:
    """A bag of hashed words: each word has a fixed random direction.

    Attributes:
        calls: the texts of each call, in order.
    """

    def __init__(self, *, dimension: int = 64, max_words: int = 32, revision: str = "fake") -> None:
        self._dimension = dimension
        self._max_words = max_words
        self._revision = revision
        self.calls: list[list[str]] = []

    @property
    def revision(self) -> str:
        """The revision given."""
        return self._revision

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def encode(self, texts: Sequence[str]) -> Encoding:
        """Embed texts by their words, letter case aside."""
        self.calls.append(list(texts))
        words = [text.lower().split() for text in texts]
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text_words in enumerate(words):
            directions = [self._direction(word) for word in text_words[: self._max_words]] or [self._direction("")]
            total = np.sum(directions, axis=0)
            vectors[row] = total / np.linalg.norm(total)
        return Encoding(
            vectors=vectors,
            windows=[one[None] for one in vectors],
            tokens=np.array([min(len(one), self._max_words) + 2 for one in words], dtype=np.int64),
            truncated=np.array([len(one) > self._max_words for one in words], dtype=np.bool_),
            readable=np.array([bool(one) for one in words], dtype=np.bool_),
            terms=[_terms(one) for one in words],
        )

    def _direction(self, word: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.random.default_rng(int.from_bytes(_digest(word, 8))).standard_normal(self._dimension)


def _terms(words: Sequence[str]) -> Terms:
    """Terms with the same IDF for all words."""
    distinct = list(dict.fromkeys(words))[:MAX_TERMS]
    return Terms(b"".join(_digest(word, 2) for word in distinct), bytes([_IDF]) * len(distinct))


def _digest(word: str, size: int) -> bytes:
    return hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=size).digest()
