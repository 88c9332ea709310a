from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from model_build.common.batching import embed_rows
from model_build.common.errors import StartError
from model_build.export.from_onnx import restore
from model_build.export.onnx_graph import build_graph
from model_build.export.parity import save_graph
from model_build.quantization.schemes import MODULES, quantized
from model_build.recipe import StudentRecipe
from model_build.student.fuse import DeviceStudent, fuse, shorten
from service.artifact.artifact import MODEL, Artifact
from tests.model_build.students import PIECES, SHAPE, rows, student
from tests.service.artifacts import build_artifact


def artifact_of(folder: Path, device: DeviceStudent, scheme: str) -> Artifact:
    """A test artifact with the graph of a student in the place of its own."""
    made = build_artifact(folder)
    save_graph(build_graph(device, dict.fromkeys(MODULES, scheme)), folder / MODEL)
    config = device.encoder.config
    shape = made.manifest.model.model_copy(
        update={
            "layers": config.num_hidden_layers,
            "hidden_size": config.hidden_size,
            "embedding_size": config.embedding_size,
            "intermediate_size": config.intermediate_size,
            "attention_heads": config.num_attention_heads,
            "vocabulary_size": PIECES,
            "max_length": config.max_position_embeddings,
        }
    )
    return replace(made, manifest=made.manifest.model_copy(update={"model": shape}))


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scheme", ["float32", "int8", "int8-tensor", "int4"])
@pytest.mark.parametrize("embedding_size", [64, 32])  # with a projection, and without
def test_a_student_comes_back_as_its_graph_has_it(
    first: bool, weighted: bool, scheme: str, embedding_size: int, tmp_path: Path
) -> None:
    shape = SHAPE.model_copy(update={"embedding_size": embedding_size})
    device = fuse(student(shape, weighted=weighted, first=first))
    restored = restore(artifact_of(tmp_path, device, scheme), shape)
    rounded = quantized(device, dict.fromkeys(MODULES, scheme))
    assert np.allclose(embed_rows(restored, rows()), embed_rows(rounded, rows()), atol=1e-5)


def test_what_is_restored_can_be_rounded_again_without_loss(tmp_path: Path) -> None:
    restored = restore(artifact_of(tmp_path, fuse(student(weighted=True)), "int4"), SHAPE)
    again = quantized(restored, dict.fromkeys(MODULES, "int4"))
    assert np.allclose(embed_rows(again, rows()), embed_rows(restored, rows()), atol=1e-5)


@pytest.mark.parametrize("name", ["layers", "intermediate_size", "max_length"])
def test_another_shape_is_refused(name: str, tmp_path: Path) -> None:
    artifact = artifact_of(tmp_path, fuse(student()), "int8")
    wanted: StudentRecipe = SHAPE.model_copy(update={name: 96})
    with pytest.raises(StartError, match=rf"student.{name} is 96; .* has "):
        restore(artifact, wanted)


def test_a_shortened_student_has_the_places_that_the_device_reads(tmp_path: Path) -> None:
    device = shorten(fuse(student(weighted=True)), 12)
    restored = restore(artifact_of(tmp_path, device, "int8"), SHAPE.model_copy(update={"max_length": 12}))
    assert restored.encoder.embeddings.position_embeddings.weight.shape == (12, 24)


def test_a_graph_of_another_make_is_refused(tmp_path: Path) -> None:
    artifact = artifact_of(tmp_path, fuse(student()), "int8")
    graph = onnx.load(artifact.model_path)
    for node in graph.graph.node:
        if node.op_type == "Gelu":
            node.op_type = "Relu"  # the weights read back are right, and the vectors are not
            del node.attribute[:]
    onnx.save(graph, artifact.model_path)
    with pytest.raises(StartError, match="can't be read back: vectors differ by"):
        restore(artifact, SHAPE)
    del graph.graph.node[:]
    graph.graph.node.append(onnx.helper.make_node("Identity", ["input_ids"], ["embedding"]))
    onnx.save(graph, artifact.model_path)
    with pytest.raises(StartError, match="is not laid out as by this version of model-build"):
        restore(artifact, SHAPE)
