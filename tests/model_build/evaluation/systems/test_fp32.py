from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import ModelError
from model_build.common.systems import EmbeddingSystem, Role
from model_build.evaluation.systems.artifact import artifact_system
from model_build.evaluation.systems.fp32 import Fp32System
from service.artifact.artifact import Artifact, load_artifact
from tests.model_build.materials import texts


@pytest.fixture(scope="module")
def artifact(smoke_run: Path) -> Artifact:
    return load_artifact(smoke_run / "artifact")


@pytest.fixture(scope="module")
def graph(smoke_run: Path) -> Path:
    return smoke_run / "07-export" / "fp32.onnx"


def test_fp32_is_the_artifact_before_rounding(artifact: Artifact, graph: Path) -> None:
    own, fp32 = artifact_system(artifact), Fp32System(artifact, graph)
    assert isinstance(fp32, EmbeddingSystem)
    assert (fp32.name, fp32.role) == (f"{own.name} fp32", Role.FP32)
    assert fp32.identity != own.identity
    vectors, rounded = fp32.embed(texts(20)), own.embed(texts(20))
    assert not np.array_equal(vectors, rounded)
    assert (vectors * rounded).sum(axis=1).min() > 0.9


def test_its_bytes_are_those_of_the_device_in_fp32(artifact: Artifact, graph: Path) -> None:
    own, fp32 = artifact_system(artifact), Fp32System(artifact, graph)
    assert fp32.bytes - own.bytes == graph.stat().st_size - (artifact.model_path).stat().st_size > 0


def test_a_missing_graph_is_an_error(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no fp32 graph .*none\.onnx; a build leaves it"):
        Fp32System(artifact, tmp_path / "none.onnx")


def test_another_file_is_an_error(artifact: Artifact) -> None:
    with pytest.raises(ModelError, match=r"does not fit the artifact: .*not those of an ONNX graph"):
        Fp32System(artifact, artifact.vocabulary_path)


def test_another_model_is_refused(artifact: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_build.evaluation.systems.fp32.LEAST_COSINE", 1.1)
    with pytest.raises(ModelError, match="is of another model than the artifact: cosine"):
        Fp32System(artifact, artifact.model_path)
