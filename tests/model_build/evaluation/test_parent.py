from pathlib import Path

import numpy as np
import pytest

from model_build.evaluation import EmbeddingSystem, Role
from model_build.evaluation.errors import ModelError
from model_build.evaluation.systems.artifact import load_artifact_system
from model_build.evaluation.systems.fp32 import load_parent_system
from service.artifact.artifact import MODEL
from tests.model_build.materials import texts


@pytest.fixture(scope="module")
def artifact(smoke_run: Path) -> Path:
    return smoke_run / "artifact"


@pytest.fixture(scope="module")
def graph(smoke_run: Path) -> Path:
    return smoke_run / "07-export" / "fp32.onnx"


def test_the_parent_is_the_artifact_before_rounding(artifact: Path, graph: Path) -> None:
    own, parent = load_artifact_system(artifact), load_parent_system(artifact, graph)
    assert isinstance(parent, EmbeddingSystem)
    assert (parent.name, parent.role) == (f"{own.name} fp32", Role.PARENT)
    assert parent.identity != own.identity
    vectors, rounded = parent.embed(texts(20)), own.embed(texts(20))
    assert not np.array_equal(vectors, rounded)
    assert (vectors * rounded).sum(axis=1).min() > 0.9


def test_its_bytes_are_those_of_the_device_in_fp32(artifact: Path, graph: Path) -> None:
    own, parent = load_artifact_system(artifact), load_parent_system(artifact, graph)
    assert parent.bytes - own.bytes == graph.stat().st_size - (artifact / MODEL).stat().st_size > 0


def test_a_missing_parent_is_told(artifact: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no parent .*none\.onnx; a build leaves it"):
        load_parent_system(artifact, tmp_path / "none.onnx")


def test_what_is_no_graph_is_told(artifact: Path) -> None:
    with pytest.raises(ModelError, match=r"does not fit the artifact: .*not those of an ONNX graph"):
        load_parent_system(artifact, artifact / "vocab.txt")


def test_another_model_is_no_parent(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_build.evaluation.systems.fp32.LEAST_COSINE", 1.1)
    with pytest.raises(ModelError, match="is another model than the artifact: cosine"):
        load_parent_system(artifact, artifact / MODEL)
