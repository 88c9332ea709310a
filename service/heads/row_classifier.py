"""A classifier that reads each text, or each pair jointly, as one row: a pack or a task model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.encoder.base import Encoding, Input, Row, RowEncoder
from service.heads.classifier import Facts, Inputs


@dataclass(frozen=True)
class RowClassifier:
    """A verified pack or task model.

    Attributes:
        encoder: of a pack, the served model with its adapters; of a task model, its own.
        decide: the outputs, by what the encoder gives: float32 `[inputs, width]` -> float64 `[inputs, outputs]`.
    """

    facts: Facts
    encoder: RowEncoder
    decide: Callable[[NDArray[np.float32]], NDArray[np.float64]]
    products: int

    def encoded(self, inputs: Inputs) -> list[Input]:
        """A row for each input."""
        return [Row(self.encoder, (one,) if isinstance(one, str) else tuple(one)) for one in inputs]

    def outputs(self, encoding: Encoding) -> NDArray[np.float64]:
        """The probability of each class: float64 `[inputs, classes]`; or the grade: `[inputs, 1]`."""
        return self.decide(encoding.vectors)
