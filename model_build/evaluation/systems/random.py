"""The random baseline: a random direction for each text."""

import hashlib
from collections.abc import Sequence

import numpy as np

from model_build.common.systems import Role, Vectors, unit_rows

DIMENSION = 64


class RandomSystem:
    """Embeds a text as a direction drawn from seed and text, so that equal texts have equal vectors."""

    name = "random"
    role = Role.BASELINE
    bytes = 0

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    @property
    def identity(self) -> str:
        """The seed."""
        return f"random {self._seed}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, 64]`."""
        rows = [self._draw(text) for text in texts]
        return unit_rows(np.stack(rows)) if rows else np.zeros((0, DIMENSION), dtype=np.float32)

    def _draw(self, text: str) -> Vectors:
        digest = hashlib.sha256(f"{self._seed}\0{text}".encode()).digest()
        draw = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        return draw.standard_normal(DIMENSION, dtype=np.float32)
