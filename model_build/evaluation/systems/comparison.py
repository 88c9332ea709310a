"""The systems of a comparison: an artifact, its teacher, simple baselines."""

from pathlib import Path

from model_build.evaluation.system import System
from model_build.evaluation.systems.artifact import load_artifact_system
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.systems.random import RandomSystem
from model_build.evaluation.systems.static import WORDLLAMA_DIMENSIONS, WordLlamaSystem
from model_build.evaluation.systems.teacher import TeacherSystem


def systems(artifact: Path, *, teacher: Path | None, baselines: bool, seed: int) -> list[System]:
    """Load what is to be compared.

    Args:
        artifact: the artifact's folder.
        teacher: the teacher's folder, or None to leave it out.
        baselines: whether WordLlama, BM25 and chance take part.
        seed: of chance.
    """
    chosen: list[System] = [load_artifact_system(artifact)]
    if teacher is not None:
        chosen.append(TeacherSystem(teacher, name="teacher"))
    if baselines:
        chosen += [WordLlamaSystem(dimension) for dimension in WORDLLAMA_DIMENSIONS]
        chosen += [BM25System(), RandomSystem(seed)]
    return chosen
