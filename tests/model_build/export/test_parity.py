from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import numpy_helper

from model_build.common.batching import embed_rows
from model_build.common.errors import GateError
from model_build.export.onnx_graph import OPSET, build_graph
from model_build.export.parity import export, run_graph, save_graph
from model_build.quantization.rounding import Format, quantize
from model_build.quantization.schemes import MODULES, quantized
from model_build.recipe import GatesRecipe
from model_build.student.fuse import fuse, shorten
from tests.model_build.students import SHAPE, rows, student

FLOAT32, INT8, INT8_TENSOR, INT4 = (
    dict.fromkeys(MODULES, scheme) for scheme in ("float32", "int8", "int8-tensor", "int4")
)
SCHEMES = [FLOAT32, INT8, INT8 | {"attention": "float32"}, INT8 | {"embeddings": "int4"}, INT8_TENSOR, INT4]


@pytest.mark.parametrize("embedding_size", [24, 32])  # with a projection, and without
@pytest.mark.parametrize("schemes", SCHEMES)
def test_the_graph_computes_what_torch_computes(schemes: dict[str, str], embedding_size: int, tmp_path: Path) -> None:
    device = fuse(student(SHAPE.model_copy(update={"embedding_size": embedding_size})))
    graph = save_graph(build_graph(device, schemes), tmp_path / "model.onnx")
    assert np.allclose(run_graph(graph, rows()), embed_rows(quantized(device, schemes), rows()), atol=1e-5)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_graph_pools_as_torch_does(weighted: bool, first: bool, tmp_path: Path) -> None:
    device = shorten(fuse(student(weighted=weighted, first=first)), 24)
    graph = save_graph(build_graph(device, INT8), tmp_path / "model.onnx")
    assert np.allclose(run_graph(graph, rows()), embed_rows(quantized(device, INT8), rows()), atol=1e-5)


def test_the_graph_is_standard_and_the_same_every_time() -> None:
    device = fuse(student())
    model = build_graph(device, INT8)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]
    assert model.SerializeToString() == build_graph(device, INT8).SerializeToString()
    weights = sum(len(initializer.raw_data) for initializer in model.graph.initializer)
    assert model.ByteSize() - weights < 6_000
    assert sum(i.data_type == onnx.TensorProto.INT8 for i in model.graph.initializer) == 3 + 2 * 4 + 1


def test_the_token_table_holds_two_columns_a_byte() -> None:
    device = fuse(student())
    graph = build_graph(device, INT8 | {"embeddings": "int4"}).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    table = device.encoder.embeddings.word_embeddings.weight
    (packed,) = [array for array in arrays.values() if array.shape == (len(table), table.shape[1] // 2)]
    (scales,) = [array for array in arrays.values() if array.shape == (len(table), 1)]
    assert (str(packed.dtype), str(scales.dtype)) == ("uint8", "float16")
    values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.int8) - 8
    quantized = quantize(table, Format.INT4)
    assert np.array_equal(values, quantized.values)
    assert np.array_equal(scales, quantized.scales)


def test_runtimes_fold_the_matrices_when_they_load(tmp_path: Path) -> None:
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    graph = save_graph(build_graph(fuse(student()), INT4), tmp_path / "model.onnx")
    ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    # What is left belongs to the tokens, which are unpacked after they are gathered.
    assert [kinds.count(kind) for kind in ("Gather", "BitShift", "BitwiseAnd", "Concat")] == [2, 1, 1, 1]


def test_a_text_s_vector_does_not_depend_on_its_batch(tmp_path: Path) -> None:
    graph = save_graph(build_graph(fuse(student()), INT8), tmp_path / "model.onnx")
    assert np.allclose(run_graph(graph, rows(), 60), run_graph(graph, rows(), 1), atol=1e-5)


def test_the_gates_hold_or_stop(tmp_path: Path) -> None:
    device = fuse(student())
    table = export(device, INT8, rows(), GatesRecipe(), tmp_path)
    assert [row.passed for row in table] == [True, True, True]
    assert (tmp_path / "fp32.onnx").stat().st_size > 2 * (tmp_path / "int8.onnx").stat().st_size
    with pytest.raises(GateError, match=r"ONNX quantized against fp32: rank correlation 0\.99.* is below 1; use wider"):
        export(device, INT8, rows(), GatesRecipe(quantized_rank_correlation=1.0), tmp_path)
