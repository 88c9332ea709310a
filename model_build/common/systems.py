"""Interfaces of what can be evaluated: a system that embeds texts, or one that scores documents by their words."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Role(StrEnum):
    """A system's part in a comparison."""

    ARTIFACT = "artifact"
    FP32 = "fp32"  # the artifact's student before quantization
    TEACHER = "teacher"
    BASELINE = "baseline"

    @classmethod
    def _missing_(cls, value: object) -> "Role | None":
        return cls.FP32 if value == "parent" else None  # its name in older evaluation files


class _Described(Protocol):
    @property
    def name(self) -> str:
        """Shown in tables; unique within an evaluation."""

    @property
    def role(self) -> Role:
        """Its part in the comparison."""

    @property
    def bytes(self) -> int:
        """Size of the files needed at run time: weights and vocabulary."""


@runtime_checkable
class EmbeddingSystem(_Described, Protocol):
    """Compares texts by the cosine of their vectors."""

    @property
    def identity(self) -> str:
        """Names everything that the vectors depend on; the key of cached vectors."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, dimension]`, each row of unit length or, for a text without content, zero."""


class LexicalIndex(Protocol):
    """An indexed collection of documents."""

    def scores(self, query: str) -> NDArray[np.float32]:
        """Score every document for a query: float32 `[documents]`, higher is better."""


@runtime_checkable
class LexicalSystem(_Described, Protocol):
    """Scores documents by the words that they share with a query; used in search tasks only."""

    def index(self, documents: Sequence[str]) -> LexicalIndex:
        """Index a collection."""


System = EmbeddingSystem | LexicalSystem


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Scale each row to unit length; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0.0, 1.0, lengths), dtype=np.float32)


def file_bytes(folder: Path, names: Sequence[str]) -> int:
    """Total size of some files of a folder."""
    return sum((folder / name).stat().st_size for name in names)
