"""Companions of a teacher: further encoders whose vectors stand beside its own.

Unit vectors that are scaled by the roots of their encoders' weights and set side by side have, as their cosine, the
weighted mean of the encoders' cosines: a student of them learns what several teachers agree on. Only the teacher gives
the student its vocabulary and its first token embeddings.

A companion's vectors are centred first. Encoders that were trained at a low temperature press all their cosines
together (0.5 to 1 in bge's case): their vectors share a large component that says nothing of a text (Mu and Viswanath,
"All-but-the-Top", ICLR 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import TeacherError
from model_build.common.log import Journal
from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.recipe import CompanionRecipe, TeacherRecipe
from model_build.teacher.embed import VECTORS, embed_texts_beside
from model_build.teacher.model import Teacher, resolve_model, tokenize
from model_build.teacher.pooling import split_pooling
from model_build.teacher.system import TeacherSystem, open_teacher
from model_build.teacher.workers import Workers

CENTRE = "centre.npz"
_FOLDER = "companion-"
_CENTRED_AT_ONCE = 50_000


@dataclass(frozen=True)
class Companion:
    """A loaded companion. Pickled, it is what it was asked for by: another process loads its files itself.

    Attributes:
        system: embeds texts.
        recipe: what it was asked for by, and its weight.
        teacher: how texts are read, which companions share with the teacher.
    """

    system: EmbeddingSystem
    recipe: CompanionRecipe
    teacher: TeacherRecipe

    def __reduce__(self) -> tuple[object, ...]:
        return load_companion, (self.recipe, self.teacher)

    @property
    def on_gpu(self) -> bool:
        """Whether it computes on a GPU where there is one; a companion in ONNX does not."""
        return isinstance(self.system, TeacherSystem)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, dimension]`, unit rows."""
        return self.system.embed(texts)


def load_companion(recipe: CompanionRecipe, teacher: TeacherRecipe) -> Companion:
    """Load a companion: a folder of safetensors or of ONNX, or `package:NAME/PATH`; `:cls` or `:mean` says the pooling.

    Raises:
        TeacherError: there is no such folder, or its pooling is not known.
        ModelError: it is no encoder.
    """
    name, pooling = split_pooling(recipe.model)
    folder = Path(resolve_model(name))
    if not folder.is_dir():
        raise TeacherError(f"the companion {recipe.model} is no folder; download it first")
    system = open_teacher(
        folder,
        name=f"{folder.name}:{pooling}" if pooling else folder.name,
        pooling=pooling,
        max_length=teacher.max_length,
        bfloat16=teacher.precision == "bfloat16",
    )
    return Companion(system, recipe, teacher)


def embed_companions(
    companions: Sequence[Companion],
    teacher: Teacher,
    recipe: TeacherRecipe,
    texts: Sequence[str],
    heldout: Sequence[str],
    place: Path,
    journal: Journal,
    workers: Workers,
) -> None:
    """Write companions' vectors of training and held-out texts beside the teacher's, with what centres them."""
    for those, folder in ((texts, place), (heldout, place / "heldout")):
        lengths = [len(row) for row in tokenize(teacher, those, recipe.max_length)] if companions else []
        for number, companion in enumerate(companions, start=1):
            here = folder / f"{_FOLDER}{number}"
            size = companion.recipe.batch_texts
            embed_texts_beside(companion, those, lengths, size, here, journal, workers)
    for number, companion in enumerate(companions, start=1):
        centre = _mean(np.load(place / f"{_FOLDER}{number}" / VECTORS, mmap_mode="r"))
        for folder in (place, place / "heldout"):
            np.savez(folder / f"{_FOLDER}{number}" / CENTRE, centre=centre, weight=companion.recipe.weight)


def companion_folders(folder: Path) -> list[Path]:
    """Where `embed_companions` wrote, in the order of the recipe."""
    return sorted(folder.glob(f"{_FOLDER}*"), key=lambda place: int(place.name.removeprefix(_FOLDER)))


def _mean(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(vectors), _CENTRED_AT_ONCE):
        total += vectors[start : start + _CENTRED_AT_ONCE].sum(axis=0, dtype=np.float64)
    return (total / max(1, len(vectors))).astype(np.float32)
