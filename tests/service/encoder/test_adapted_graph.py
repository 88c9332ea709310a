from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from service.artifact.artifact import MODEL, ArtifactError, load_artifact
from service.encoder.adapted_graph import adapted_graph, adapter_inputs
from service.encoder.onnx import OnnxEncoder
from service.settings import BUNDLED_MODEL
from tests.service.artifacts import (
    DIMENSION,
    LAYERS,
    PIECES,
    SCALE,
    build_artifact,
    graph,
    layer_weights,
    layered_graph,
)
from tests.service.heads.heads import random_adapters

INPUTS = {
    "input_ids": np.array([[2, 5, 9, 3], [2, 7, 3, 0]]),
    "attention_mask": np.array([[1, 1, 1, 1], [1, 1, 1, 0]]),
}


def session(model: bytes | Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def test_the_layers_are_those_with_a_constant_matrix(tmp_path: Path) -> None:
    path = build_artifact(tmp_path, files={MODEL: layered_graph()}).model_path
    assert adapted_graph(path).layers == list(LAYERS)  # a gate, a vector, is none


def test_the_layers_of_the_bundled_model() -> None:
    layers = [(160, 480), (160, 160), (160, 480), (480, 160)]
    found = adapted_graph(load_artifact(BUNDLED_MODEL).model_path)
    assert found.layers == [(128, 160), *layers, *layers, *layers, (288, 288)]


@pytest.mark.parametrize("bundled", [False, True])
def test_without_adapters_it_gives_the_same_bits(tmp_path: Path, *, bundled: bool) -> None:
    artifact = load_artifact(BUNDLED_MODEL) if bundled else build_artifact(tmp_path, files={MODEL: layered_graph()})
    changed = session(adapted_graph(artifact.model_path).model)
    assert [one.name for one in changed.get_inputs()] == ["input_ids", "attention_mask"]
    np.testing.assert_array_equal(changed.run(None, INPUTS)[0], session(artifact.model_path).run(None, INPUTS)[0])


@pytest.mark.parametrize("rank", [1, 4])
def test_with_adapters_it_computes_with_merged_matrices(tmp_path: Path, rank: int) -> None:
    path = build_artifact(tmp_path, files={MODEL: layered_graph()}).model_path
    adapters = [one.matrices() for one in random_adapters(rank)]
    found = session(adapted_graph(path).model).run(None, {**INPUTS, **adapter_inputs(adapters)})[0]
    np.testing.assert_allclose(found, embedded(INPUTS["input_ids"], INPUTS["attention_mask"], adapters), atol=1e-5)


def embedded(
    ids: np.ndarray, mask: np.ndarray, adapters: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """What `layered_graph` gives with the adapters merged into its matrices."""
    table, codes, second, gate = (one.astype(np.float64) for one in layer_weights())
    first = codes * SCALE + adapters[0][0] @ adapters[0][1]
    states = np.tanh(table[ids] @ first)
    weights = mask / (1 + np.exp(-(states @ gate)))
    out = (states * weights[:, :, None]).sum(axis=1) @ (second + adapters[1][0] @ adapters[1][1])
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def test_a_graph_without_linear_layers(tmp_path: Path) -> None:
    path = build_artifact(tmp_path, files={MODEL: graph()}).model_path
    with pytest.raises(ArtifactError, match="has no linear layers that can take adapters"):
        adapted_graph(path)
    path.write_bytes(b"not a graph")
    with pytest.raises(ArtifactError, match="has no linear layers"):
        adapted_graph(path)


def test_an_encoder_opens_one_session_for_all_packs(tmp_path: Path) -> None:
    encoder = OnnxEncoder(build_artifact(tmp_path, files={MODEL: layered_graph()}))
    adapters = [one.matrices() for one in random_adapters(2)]
    readers = [encoder.with_adapters(lambda _: adapters, tmp_path) for _ in range(2)]
    assert readers[0]._graph.session is readers[1]._graph.session is not encoder._graph.session
    assert readers[0].encode([("taxi",)]).vectors.shape == (1, DIMENSION)
    assert len(PIECES) > DIMENSION
