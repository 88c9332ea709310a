"""Encoders that behave as a test wants."""

import hashlib
import threading
import time
from collections.abc import Sequence

import numpy as np

from service.encoder.base import Encoding
from service.text.terms import MAX_TERMS, Terms

_IDF = 128


class FakeEncoder:
    """Needs no model: a bag of hashed words, each with a fixed random direction. Texts that share words are similar.

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


class GatedEncoder(FakeEncoder):
    """Embeds nothing before its gate is open."""

    def __init__(self, revision: str = "fake") -> None:
        super().__init__(revision=revision)
        self.gate = threading.Event()
        self.waited = False

    def encode(self, texts: Sequence[str]) -> Encoding:
        self.waited = True
        assert self.gate.wait(10)
        return super().encode(texts)


class SlowEncoder(FakeEncoder):
    """Takes its time for each text."""

    def __init__(self, seconds_a_text: float) -> None:
        super().__init__()
        self._seconds_a_text = seconds_a_text

    @property
    def texts(self) -> int:
        """The number of texts that it has embedded."""
        return sum(map(len, self.calls))

    def encode(self, texts: Sequence[str]) -> Encoding:
        time.sleep(self._seconds_a_text * len(texts))
        return super().encode(texts)


class FakeRowEncoder:
    """Reads each row as the fake encoder reads its texts, joined; nothing before its gate is open."""

    max_length = 32

    def __init__(self, *, cost: float = 1.0, is_open: bool = True, dimension: int = 8) -> None:
        self.cost, self.gate, self.waited = cost, threading.Event(), False
        self._fake = FakeEncoder(dimension=dimension)
        if is_open:
            self.gate.set()

    @property
    def calls(self) -> list[list[str]]:
        """The rows of each call, their texts joined."""
        return self._fake.calls

    def encode(self, inputs: Sequence[tuple[str, ...]]) -> Encoding:
        """Embed rows."""
        self.waited = True
        assert self.gate.wait(10)
        if any("bad" in texts for texts in inputs):
            raise ValueError("a bad text")
        return self._fake.encode([" / ".join(texts) for texts in inputs])


def _terms(words: Sequence[str]) -> Terms:
    """Terms with the same IDF for all words."""
    distinct = list(dict.fromkeys(words))[:MAX_TERMS]
    return Terms(b"".join(_digest(word, 2) for word in distinct), bytes([_IDF]) * len(distinct))


def _digest(word: str, size: int) -> bytes:
    return hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=size).digest()
