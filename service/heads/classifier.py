"""What classifies, whatever it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from service.artifact.artifact import Figure, GradeRange, label_of
from service.encoder.base import Encoding, Input, RowEncoder
from service.heads.manifest import HeadFigure, Kind

ClassifierType = Literal["head", "pack", "model"]
Inputs = Sequence[str] | Sequence[Sequence[str]]
"""Texts, or pairs of texts."""


@dataclass(frozen=True)
class Facts:
    """What a classifier is.

    Attributes:
        classes: in the order of its outputs; none of a model that gives a grade.
        type: a head on the served model's vectors, a pack of a head and adapters for that model, or a model of its own.
        bytes: that it adds to a device.
    """

    type: ClassifierType
    name: str
    revision: str
    kind: Kind
    classes: Sequence[str]
    bytes: int
    quality: Sequence[HeadFigure | Figure]
    grades: GradeRange | None = None

    @property
    def label(self) -> str:
        """Name and abbreviated revision."""
        return label_of(self.name, self.revision)


class Classifier(Protocol):
    """A verified classifier of texts or of pairs."""

    @property
    def facts(self) -> Facts:
        """What it is."""

    @property
    def encoder(self) -> RowEncoder | None:
        """What it reads inputs with; None: with the served model."""

    @property
    def products(self) -> int:
        """Multiplications that an input takes, once it is encoded."""

    def encoded(self, inputs: Inputs) -> list[Input]:
        """What is to be encoded; the same for all that share an encoder."""

    def outputs(self, encoding: Encoding) -> NDArray[np.float64]:
        """The probability of each class of each input: float64 `[inputs, classes]`; or its grade: `[inputs, 1]`."""


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Softmax of each row: float64 `[inputs, classes]`."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)
