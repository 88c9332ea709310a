"""The teacher's sentence vectors in training: computed before, or live where its top layers adapt.

A student learns `projection(vectors)`: the projection is the teacher's linear layer on top, which starts as the
identity.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.batching import pad
from model_build.common.systems import Vectors
from model_build.recipe import TeacherRecipe
from model_build.teacher.embed import VECTORS
from model_build.teacher.ensemble import CENTRE, ensemble_folders
from model_build.teacher.model import Teacher, identity_projection, tokenize, top_layers

PROJECTION = "projection.pt"


@dataclass(frozen=True)
class EnsembleVectors:
    """An additional teacher's vectors.

    Attributes:
        vectors: float16 `[texts, width]`, unit length.
        centre: float32 `[width]`, subtracted from each.
        weight: of its cosines; the first teacher's weight is 1.
    """

    vectors: NDArray[np.float16]
    centre: NDArray[np.float32]
    weight: float


class CachedVectors:
    """Vectors computed before; nothing below the projection trains."""

    def __init__(self, vectors: NDArray[np.float16], ensemble: Sequence[EnsembleVectors] = ()) -> None:
        """Join the teacher's vectors, float16 `[texts, width]`, with those of additional teachers."""
        self._vectors, self._ensemble = vectors, ensemble

    @property
    def dimension(self) -> int:
        """Length of a vector, the ensemble's included."""
        return sum(part.shape[1] for part in (self._vectors, *(one.vectors for one in self._ensemble)))

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """Models that compute the vectors: none."""
        return ()

    def parameters(self) -> Iterator[nn.Parameter]:
        """Trainable parameters: none."""
        return iter(())

    def state_dict(self) -> dict[str, Tensor]:
        """Return an empty state."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Load nothing."""

    def __call__(self, indices: NDArray[np.int64]) -> Tensor:
        """Return the texts' unit vectors: `[indices, dimension]`."""
        own = F.normalize(_tensor(self._vectors[indices]), dim=-1)
        if not self._ensemble:
            return own
        total = 1.0 + sum(one.weight for one in self._ensemble)
        parts = [own / math.sqrt(total)]
        for one in self._ensemble:
            centred = F.normalize(_tensor(one.vectors[indices]) - torch.from_numpy(one.centre), dim=-1)
            parts.append(centred * math.sqrt(one.weight / total))
        return torch.cat(parts, dim=-1)


class LiveVectors:
    """The teacher itself, run on each batch; its top layers train."""

    def __init__(self, teacher: Teacher, texts: Sequence[str], recipe: TeacherRecipe) -> None:
        self._teacher, self._texts, self._recipe = teacher, texts, recipe
        self._top = top_layers(teacher, recipe.trainable_layers, "teacher.trainable_layers")

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """The teacher's encoder."""
        return (self._teacher.model,)

    def parameters(self) -> Iterator[nn.Parameter]:
        """The top layers' weights."""
        return self._top.parameters()

    def state_dict(self) -> dict[str, Tensor]:
        """The top layers' weights."""
        return self._top.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Load the top layers' weights."""
        self._top.load_state_dict(state)

    def __call__(self, indices: NDArray[np.int64]) -> Tensor:
        """Compute the texts' unit vectors: `[indices, width]`."""
        rows = tokenize(self._teacher, [self._texts[index] for index in indices], self._recipe.max_length)
        model = self._teacher.model
        ids, mask = pad(rows, self._teacher.tokenizer.pad_token_id, model.device)
        hidden = model(ids, attention_mask=mask).last_hidden_state
        return F.normalize(self._teacher.pooling(hidden, mask), dim=-1)


TeacherVectors = CachedVectors | LiveVectors


def load_vectors(folder: Path) -> CachedVectors:
    """Load the vectors that the teacher stage wrote to a folder, the ensemble's included."""
    ensemble = []
    for part in ensemble_folders(folder):
        with np.load(part / CENTRE) as kept:
            ensemble.append(EnsembleVectors(_read(part), kept["centre"], float(kept["weight"])))
    return CachedVectors(_read(folder), ensemble)


def load_projection(folder: Path) -> nn.Linear:
    """Load a fresh copy of the teacher's fitted projection."""
    state = torch.load(folder / PROJECTION, weights_only=True)
    projection = identity_projection(len(state["weight"]))
    projection.load_state_dict(state)
    return projection


@torch.no_grad()
def heldout_targets(folder: Path, texts: int) -> Vectors:
    """Return the teacher's projected unit vectors of the held-out texts, before any adaptation."""
    heldout = load_vectors(folder / "heldout")(np.arange(texts))
    targets: Vectors = F.normalize(load_projection(folder)(heldout), dim=-1).numpy()
    return targets


def _read(folder: Path) -> NDArray[np.float16]:
    vectors: NDArray[np.float16] = np.load(folder / VECTORS, mmap_mode="r")
    return vectors


def _tensor(vectors: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(vectors.astype(np.float32))
