"""Embeds each distinct text once, reports progress, and keeps vectors on disk if asked."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_build.common.atomic import durable_file
from model_build.common.systems import EmbeddingSystem, Role, Vectors

CHUNK = 1024
Advance = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Report no progress."""
    del done, total


@dataclass(frozen=True)
class VectorCache:
    """Vectors on disk, one `.npy` file for each system and list of texts.

    Attributes:
        folder: of the files; made at the first write. A file is named by the SHA-256 of the system's identity and the
            texts, so that a changed model or text never gets an old vector.
    """

    folder: Path

    def read(self, system: EmbeddingSystem, texts: Sequence[str]) -> Vectors | None:
        """The stored vectors, or None."""
        path = self._path(system, texts)
        if not path.is_file():
            return None
        vectors: Vectors = np.load(path, allow_pickle=False)
        return vectors

    def write(self, system: EmbeddingSystem, texts: Sequence[str], vectors: Vectors) -> None:
        """Store vectors; the file appears whole or not at all."""
        path = self._path(system, texts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with durable_file(path) as file:
            np.save(file, vectors, allow_pickle=False)

    def _path(self, system: EmbeddingSystem, texts: Sequence[str]) -> Path:
        digest = hashlib.sha256(system.identity.encode())
        for text in texts:
            digest.update(b"\0" + text.encode())
        return self.folder / f"{digest.hexdigest()}.npy"


@dataclass(frozen=True)
class DistinctTexts:
    """An embedding system that embeds each distinct text once, shortest first, so that batches need little padding.

    Attributes:
        system: the wrapped system.
        cache: keeps vectors between runs, if given.
        advance: called after each chunk with the number of texts done and their total.
    """

    system: EmbeddingSystem
    cache: VectorCache | None = None
    advance: Advance = silent

    @property
    def name(self) -> str:
        """The system's name."""
        return self.system.name

    @property
    def role(self) -> Role:
        """The system's role."""
        return self.system.role

    @property
    def bytes(self) -> int:
        """The system's size."""
        return self.system.bytes

    @property
    def identity(self) -> str:
        """The system's identity."""
        return self.system.identity

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, dimension]`, in their order, repeats included."""
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        vectors = self._stored(distinct)
        rows = {text: row for row, text in enumerate(distinct)}
        return vectors[[rows[text] for text in texts]]

    def _stored(self, distinct: list[str]) -> Vectors:
        if self.cache is None:
            return self._computed(distinct)
        vectors = self.cache.read(self.system, distinct)
        if vectors is None:
            vectors = self._computed(distinct)
            self.cache.write(self.system, distinct, vectors)
        return vectors

    def _computed(self, distinct: list[str]) -> Vectors:
        parts = []
        for start in range(0, len(distinct), CHUNK):
            parts.append(self.system.embed(distinct[start : start + CHUNK]))
            self.advance(min(start + CHUNK, len(distinct)), len(distinct))
        return np.concatenate(parts) if parts else self.system.embed([])
