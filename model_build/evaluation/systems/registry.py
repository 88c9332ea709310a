"""The systems of a comparison: an artifact, its fp32 reference, teachers, simple baselines."""

from collections.abc import Sequence
from pathlib import Path

from model_build.common.systems import System
from model_build.evaluation.systems.artifact import artifact_system
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.systems.fp32 import Fp32System
from model_build.evaluation.systems.random import RandomSystem
from model_build.evaluation.systems.static import WORDLLAMA_DIMENSIONS, Model2VecSystem, WordLlamaSystem
from service.artifact.artifact import load_artifact


def systems(
    artifact: Path,
    *,
    fp32: Path | None = None,
    teachers: Sequence[System] = (),
    static: Sequence[Path] = (),
    baselines: bool = True,
    seed: int = 0,
) -> list[System]:
    """Load what is to be compared, in the order of the tables; percentages refer to the first teacher.

    Baselines are WordLlama, BM25 and random vectors, which the seed draws.

    Raises:
        ArtifactError: the artifact is not valid.
        ModelError: the fp32 graph or a static model can't be loaded.
    """
    loaded = load_artifact(artifact)
    chosen: list[System] = [artifact_system(loaded)]
    if fp32 is not None:
        chosen.append(Fp32System(loaded, fp32))
    chosen += teachers
    chosen += [Model2VecSystem(folder) for folder in static]
    if baselines:
        chosen += [WordLlamaSystem(dimension) for dimension in WORDLLAMA_DIMENSIONS]
        chosen += [BM25System(), RandomSystem(seed)]
    return chosen
