"""A head: a linear classifier on vectors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.encoder.base import Encoding, Input
from service.heads.classifier import Facts, Inputs, softmax
from service.heads.manifest import HeadManifest
from service.heads.pair_features import Vectors, pair_features


@dataclass(frozen=True)
class Adapters:
    """The contents of a pack's `adapters.bin`, as yet without the shapes of the model's layers."""

    path: Path
    rank: int
    data: bytes


@dataclass(frozen=True)
class Head:
    """A verified head: a float32 matrix `[classes, width]`, and biases `[classes]`; of a pack, with its `adapters`."""

    manifest: HeadManifest
    matrix: NDArray[np.float32]
    biases: NDArray[np.float32]
    adapters: Adapters | None = None

    @property
    def facts(self) -> Facts:
        """What it is."""
        manifest = self.manifest
        return Facts(
            type="pack" if manifest.adapters else "head",
            name=manifest.name,
            revision=manifest.revision,
            kind=manifest.kind,
            classes=manifest.classes,
            bytes=manifest.weights.bytes + (manifest.adapters.bytes if manifest.adapters else 0),
            quality=manifest.figures,
        )

    @property
    def encoder(self) -> None:
        """None: it reads with the served model."""

    @property
    def products(self) -> int:
        """Multiplications of an input, encoding aside."""
        return self.matrix.size

    def encoded(self, inputs: Inputs) -> list[Input]:
        """All texts; of pairs, first all left ones, then all right ones."""
        texts: list[Input] = [one for one in inputs if isinstance(one, str)]
        pairs = [one for one in inputs if not isinstance(one, str)]
        return texts or [pair[side] for side in (0, 1) for pair in pairs]

    def outputs(self, encoding: Encoding) -> NDArray[np.float64]:
        """The probability of each class of each input: float64 `[inputs, classes]`."""
        if self.manifest.kind == "text":
            return self.of_texts(encoding.vectors)
        return self.of_pairs(*np.split(encoding.vectors, 2))

    def of_texts(self, vectors: Vectors) -> NDArray[np.float64]:
        """The probability of each class of texts: float64 `[texts, classes]`."""
        return softmax(vectors @ self.matrix.T + self.biases)

    def of_pairs(self, left: Vectors, right: Vectors) -> NDArray[np.float64]:
        """The probability of each class of pairs, in either order: float64 `[pairs, classes]`."""
        return softmax(pair_features(left, right) @ self.matrix.T + self.biases)
