"""What a classifier says: features and logits, of a batch or of all examples of a split, which are kept in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_build.common.atomic import durable_file


@dataclass(frozen=True)
class Outputs:
    """A classifier's features, float32 `[examples, width]`, and logits, float32 `[examples, classes]`."""

    features: Tensor
    logits: Tensor

    def at(self, places: NDArray[np.int64]) -> "Outputs":
        """The outputs for some examples."""
        chosen = torch.from_numpy(places)
        return Outputs(self.features[chosen], self.logits[chosen])


def joined_outputs(parts: Sequence[Outputs]) -> Outputs:
    """Outputs of several sets of examples, one after the other."""
    return Outputs(torch.cat([one.features for one in parts]), torch.cat([one.logits for one in parts]))


def save_outputs(outputs: Outputs, path: Path) -> None:
    """Write outputs to a file."""
    with durable_file(path) as file:
        torch.save({"features": outputs.features, "logits": outputs.logits}, file)


def load_outputs(path: Path) -> Outputs:
    """Read a file of `save_outputs`."""
    found = torch.load(path, weights_only=True)
    return Outputs(found["features"], found["logits"])


def save_grades(grades: NDArray[np.float64], folder: Path, split: str) -> None:
    """Write a teacher's grades of a split's examples, `[examples]`, on its own scale."""
    with durable_file(_grades(folder, split)) as file:
        np.save(file, grades)


def load_grades(folder: Path, split: str) -> NDArray[np.float64]:
    """Read the grades of a split."""
    grades: NDArray[np.float64] = np.load(_grades(folder, split))
    return grades


def _grades(folder: Path, split: str) -> Path:
    return folder / f"{split}.npy"
