"""A teacher's sentence vectors as training reads them: computed before, or live where its top layers adapt."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.batches import topics_of
from model_build.recipe import TeacherRecipe
from model_build.teacher.embed import VECTORS
from model_build.teacher.ensemble import CENTRE, companion_folders
from model_build.teacher.model import Teacher, pad, tokenize, top_layers


@dataclass(frozen=True)
class Beside:
    """A companion's vectors.

    Attributes:
        vectors: float16 `[texts, width]`, unit length.
        centre: float32 `[width]`, taken off each.
        weight: of its cosines, where the teacher's own have 1.
    """

    vectors: NDArray[np.float16]
    centre: NDArray[np.float32]
    weight: float


class FrozenFeatures:
    """Vectors computed before; nothing below the task layer trains."""

    def __init__(self, vectors: NDArray[np.float16], companions: Sequence[Beside] = ()) -> None:
        """Join the teacher's vectors, float16 `[texts, width]`, with those of its companions."""
        self._vectors, self._companions = vectors, companions

    @property
    def dimension(self) -> int:
        """Length of a vector, companions' included."""
        return sum(part.shape[1] for part in (self._vectors, *(one.vectors for one in self._companions)))

    def topics(self, bits: int) -> NDArray[np.int64]:
        """The coarse topic of each text (see `batches.topics_of`), as the teacher alone sees it: int64 `[texts]`."""
        return topics_of(self._vectors, bits)

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """Nothing that computes."""
        return ()

    def parameters(self) -> Iterator[nn.Parameter]:
        """Nothing to train."""
        return iter(())

    def state_dict(self) -> dict[str, Tensor]:
        """Nothing to save."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Nothing to load."""

    def __call__(self, places: NDArray[np.int64]) -> Tensor:
        """Unit vectors of the texts at these places: `[places, dimension]`."""
        own = F.normalize(_tensor(self._vectors[places]), dim=-1)
        if not self._companions:
            return own
        total = 1.0 + sum(one.weight for one in self._companions)
        parts = [own / math.sqrt(total)]
        for one in self._companions:
            centred = F.normalize(_tensor(one.vectors[places]) - torch.from_numpy(one.centre), dim=-1)
            parts.append(centred * math.sqrt(one.weight / total))
        return torch.cat(parts, dim=-1)


class LiveFeatures:
    """The teacher itself, run on each batch; its top layers train."""

    def __init__(self, teacher: Teacher, texts: Sequence[str], recipe: TeacherRecipe) -> None:
        self._teacher, self._texts, self._recipe = teacher, texts, recipe
        self._top = top_layers(teacher, recipe.trainable_layers, "teacher.trainable_layers")

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """The teacher."""
        return (self._teacher.model,)

    def parameters(self) -> Iterator[nn.Parameter]:
        """The top layers' weights."""
        return self._top.parameters()

    def state_dict(self) -> dict[str, Tensor]:
        """The top layers' weights."""
        return self._top.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Take the top layers' weights back."""
        self._top.load_state_dict(state)

    def __call__(self, places: NDArray[np.int64]) -> Tensor:
        """Unit vectors of the texts at these places: `[places, width]`."""
        rows = tokenize(self._teacher, [self._texts[place] for place in places], self._recipe.max_length)
        model = self._teacher.model
        ids, mask = pad(rows, self._teacher.tokenizer.pad_token_id, model.device)
        hidden = model(ids, attention_mask=mask).last_hidden_state
        return F.normalize(self._teacher.pooling(hidden, mask), dim=-1)


Features = FrozenFeatures | LiveFeatures


def load_features(folder: Path) -> FrozenFeatures:
    """What the teacher stage left in a folder: the teacher's vectors, and its companions'."""
    companions = []
    for place in companion_folders(folder):
        with np.load(place / CENTRE) as kept:
            companions.append(Beside(_vectors(place), kept["centre"], float(kept["weight"])))
    return FrozenFeatures(_vectors(folder), companions)


def _vectors(folder: Path) -> NDArray[np.float16]:
    vectors: NDArray[np.float16] = np.load(folder / VECTORS, mmap_mode="r")
    return vectors


def _tensor(vectors: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(vectors.astype(np.float32))
