"""Additional teachers, whose vectors are concatenated with the first teacher's.

Unit vectors scaled by the square roots of their encoders' weights and concatenated have as their cosine the weighted
mean of the encoders' cosines: the student learns what several teachers agree on. Only the first teacher gives the
student its vocabulary and its first token embeddings.

An additional teacher's vectors are centred first. Encoders trained at a low temperature have cosines in a narrow range
(0.5 to 1 for bge): their vectors share a large component that says nothing about a text (Mu and Viswanath,
"All-but-the-Top", ICLR 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.log import Journal
from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.recipe import EnsembleRecipe, TeacherRecipe
from model_build.teacher.embed import VECTORS, embed_with
from model_build.teacher.model import Teacher, tokenize
from model_build.teacher.system import TeacherSystem, open_system
from model_build.teacher.workers import Workers

CENTRE = "centre.npz"
_FOLDER = "ensemble-"
_SUMMED_AT_ONCE = 50_000


@dataclass(frozen=True)
class AdditionalTeacher:
    """A loaded additional teacher, which shares the first teacher's settings.

    It is pickled as its recipe: another process loads the files itself.
    """

    system: EmbeddingSystem
    recipe: EnsembleRecipe
    teacher: TeacherRecipe

    def __reduce__(self) -> tuple[object, ...]:
        return load_additional, (self.recipe, self.teacher)

    @property
    def on_gpu(self) -> bool:
        """True if it uses a GPU where there is one; ONNX encoders do not."""
        return isinstance(self.system, TeacherSystem)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 `[texts, dimension]`, unit rows."""
        return self.system.embed(texts)


def load_additional(recipe: EnsembleRecipe, teacher: TeacherRecipe) -> AdditionalTeacher:
    """Load an additional teacher from a folder of safetensors or ONNX.

    Raises:
        TeacherError: there is no such folder, or its pooling is unknown.
        ModelError: it is no encoder.
    """
    bfloat16 = teacher.precision == "bfloat16"
    system = open_system(recipe.model, max_length=teacher.max_length, bfloat16=bfloat16)
    return AdditionalTeacher(system, recipe, teacher)


def embed_ensemble(
    ensemble: Sequence[AdditionalTeacher],
    teacher: Teacher,
    recipe: TeacherRecipe,
    texts: Sequence[str],
    heldout: Sequence[str],
    folder: Path,
    journal: Journal,
    workers: Workers,
) -> None:
    """Write the additional teachers' vectors of training and held-out texts, and the centre of the former."""
    for some, target in ((texts, folder), (heldout, folder / "heldout")):
        lengths = [len(row) for row in tokenize(teacher, some, recipe.max_length)] if ensemble else []
        for number, one in enumerate(ensemble, start=1):
            embed_with(one, some, lengths, one.recipe.batch_texts, target / f"{_FOLDER}{number}", journal, workers)
    for number, one in enumerate(ensemble, start=1):
        centre = _mean(np.load(folder / f"{_FOLDER}{number}" / VECTORS, mmap_mode="r"))
        for target in (folder, folder / "heldout"):
            np.savez(target / f"{_FOLDER}{number}" / CENTRE, centre=centre, weight=one.recipe.weight)


def ensemble_folders(folder: Path) -> list[Path]:
    """Return the folders that `embed_ensemble` wrote, in the recipe's order."""
    return sorted(folder.glob(f"{_FOLDER}*"), key=lambda part: int(part.name.removeprefix(_FOLDER)))


def _mean(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    total = np.zeros(vectors.shape[1])
    for start in range(0, len(vectors), _SUMMED_AT_ONCE):
        total += vectors[start : start + _SUMMED_AT_ONCE].sum(axis=0, dtype=np.float64)
    return (total / max(1, len(vectors))).astype(np.float32)
