"""The systems of a comparison: an artifact, its fp32 parent, teachers, simple baselines."""

from collections.abc import Sequence
from pathlib import Path

from model_build.common.systems import System
from model_build.evaluation.systems.artifact import load_artifact_system
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.systems.fp32 import load_parent_system
from model_build.evaluation.systems.random import RandomSystem
from model_build.evaluation.systems.static import WORDLLAMA_DIMENSIONS, Model2VecSystem, WordLlamaSystem


def systems(
    artifact: Path,
    *,
    parent: Path | None = None,
    teachers: Sequence[System] = (),
    static: Sequence[Path] = (),
    baselines: bool = True,
    seed: int = 0,
) -> list[System]:
    """Load what is to be compared, in the order of the tables.

    Args:
        artifact: the artifact's folder.
        parent: its fp32 graph, or None to leave it out.
        teachers: already loaded; percentages refer to the first.
        static: folders of model2vec models.
        baselines: whether WordLlama, BM25 and chance take part.
        seed: of chance.

    Raises:
        ArtifactError: the artifact may not be served.
        ModelError: the parent or a static model can't be loaded.
    """
    chosen: list[System] = [load_artifact_system(artifact)]
    if parent is not None:
        chosen.append(load_parent_system(artifact, parent))
    chosen += teachers
    chosen += [Model2VecSystem(folder) for folder in static]
    if baselines:
        chosen += [WordLlamaSystem(dimension) for dimension in WORDLLAMA_DIMENSIONS]
        chosen += [BM25System(), RandomSystem(seed)]
    return chosen
