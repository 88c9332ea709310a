"""What can be evaluated: something that embeds texts, or something that scores documents for a query by their words."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Role(StrEnum):
    """What a system is in the comparison."""

    ARTIFACT = "artifact"
    PARENT = "parent"  # the artifact before its weights were rounded
    TEACHER = "teacher"
    BASELINE = "baseline"


class _Described(Protocol):
    @property
    def name(self) -> str:
        """Shown in tables; unique within an evaluation."""

    @property
    def role(self) -> Role:
        """What it is in the comparison."""

    @property
    def bytes(self) -> int:
        """Size of the files that it needs at run time: weights and vocabulary."""


@runtime_checkable
class EmbeddingSystem(_Described, Protocol):
    """Compares texts by the cosine of their vectors."""

    @property
    def identity(self) -> str:
        """Names everything that its vectors depend on; vectors are cached under it."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, dimension]`, each row of unit length or, for a text without content, zero."""


class LexicalIndex(Protocol):
    """Documents ready to be searched."""

    def scores(self, query: str) -> NDArray[np.float32]:
        """Score every document for a query: float32 `[documents]`, higher is better."""


@runtime_checkable
class LexicalSystem(_Described, Protocol):
    """Scores documents by the words that they share with a query; takes part in search tasks only."""

    def index(self, documents: Sequence[str]) -> LexicalIndex:
        """Index a collection."""


System = EmbeddingSystem | LexicalSystem


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Scale each row to unit length; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0.0, 1.0, lengths), dtype=np.float32)
