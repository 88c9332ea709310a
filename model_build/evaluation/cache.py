"""Embeds each distinct text once, reports progress, and keeps vectors on disk if asked."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_build.common.atomic import durable_file
from model_build.common.systems import EmbeddingSystem, Vectors

CHUNK = 1024
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class VectorCache:
    """Vectors on disk, one `.npy` file for each system and list of texts, in a folder that the first write makes.

    Their SHA-256 names a file, so that a changed model or text never gets an old vector.
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


class DistinctTexts:
    """An embedding system that embeds each distinct text once, shortest first, so that batches need little padding."""

    def __init__(
        self, system: EmbeddingSystem, cache: VectorCache | None = None, advance: Advance | None = None
    ) -> None:
        """Wrap a system; after each chunk `advance` gets the number of texts done and their total."""
        self.name, self.role, self.bytes, self.identity = system.name, system.role, system.bytes, system.identity
        self._system, self._cache, self._advance = system, cache, advance

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, dimension]`, in their order, repeats included."""
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        vectors = self._stored(distinct)
        rows = {text: row for row, text in enumerate(distinct)}
        return vectors[[rows[text] for text in texts]]

    def _stored(self, distinct: list[str]) -> Vectors:
        vectors = self._cache.read(self._system, distinct) if self._cache else None
        if vectors is None:
            vectors = self._computed(distinct)
            if self._cache:
                self._cache.write(self._system, distinct, vectors)
        return vectors

    def _computed(self, distinct: list[str]) -> Vectors:
        parts = []
        for start in range(0, len(distinct), CHUNK):
            parts.append(self._system.embed(distinct[start : start + CHUNK]))
            if self._advance:
                self._advance(min(start + CHUNK, len(distinct)), len(distinct))
        return np.concatenate(parts) if parts else self._system.embed([])
