"""Names of the weights in exported graphs, and how those of older graphs get theirs."""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from model_build.common.errors import GraphError
from model_build.export.artifact import seal
from model_build.export.onnx_graph import _Builder, build_classifier_graph, build_graph
from model_build.export.parity import run_graph, save_graph
from model_build.export.weight_names import named_graph
from model_build.quantization.schemes import MODULES, module_schemes, quantized, scheme_of
from model_build.report.renewal import name_weights
from model_build.student.fuse import DeviceStudent, fuse
from model_build.student.pair_pooling import PairPooling
from model_build.student.pooling import StatePooling
from model_build.tasks.student import TaskDevice, TaskStudent, initial_body
from model_build.tasks.student import fuse as fuse_task
from service.artifact.artifact import CARD, MODEL, Artifact, TaskRecord, load_artifact
from service.encoder.adapted_graph import adapted_graph, adapter_inputs
from service.settings import BUNDLED_MODEL
from tests.model_build.graphs import arrays_of, numbered
from tests.model_build.students import PIECES, SHAPE, rows, student
from tests.service.artifacts import build_artifact

MODELS = Path(__file__).parents[3] / "models"
RELEASED = [BUNDLED_MODEL, *sorted(path.parent for path in MODELS.glob("*/manifest.json"))]
SCHEMES = {
    **{scheme: dict.fromkeys(MODULES, scheme) for scheme in ("float32", "int8", "int8-tensor", "int4")},
    "mixed": {"embeddings": "int4", "attention": "float32", "feed_forward": "int4", "head": "int8-tensor"},
}
Device = DeviceStudent | TaskDevice
Array = NDArray[Any]


@cache
def encoder(*, weighted: bool = True, first: bool = True, projection: bool = True) -> DeviceStudent:
    shape = SHAPE.model_copy(update={"embedding_size": 64 if projection else 32})
    return fuse(student(shape, weighted=weighted, first=first))


@cache
def classifier(segments: int = 1) -> TaskDevice:
    start = initial_body(encoder(), torch.arange(PIECES), max_length=32, segments=segments)
    torch.manual_seed(5)
    made = fuse_task(TaskStudent(start.encoder, start.pooling, nn.Linear(start.pooling.width, 3)))
    if segments > 1:
        nn.init.normal_(made.encoder.embeddings.token_type_embeddings.weight)
    return made


def blank(make: Callable[[], Device]) -> Device:
    """All weights are the same, and so are scales and biases."""
    made = copy.deepcopy(make())
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.zero_()
    return made


DEVICES: dict[str, Callable[[], Device]] = {
    "encoder": encoder,
    "plain mean": lambda: encoder(weighted=False, first=False),
    "weighted mean": lambda: encoder(first=False),
    "two plain means": lambda: encoder(weighted=False),
    "no projection": lambda: encoder(projection=False),
    "classifier": classifier,
    "pairs": lambda: classifier(2),
    "blank encoder": lambda: blank(encoder),
    "blank pairs": lambda: blank(lambda: classifier(2)),
}


CASES = [
    *((kind, "mixed") for kind in DEVICES),
    *((kind, scheme) for kind in ("encoder", "pairs") for scheme in SCHEMES if scheme != "mixed"),
    *(("blank pairs", scheme) for scheme in ("int8", "int8-tensor")),
]


def graph_of(device: Device, schemes: dict[str, str]) -> onnx.ModelProto:
    if isinstance(device, TaskDevice):
        return build_classifier_graph(device.encoder, device.pooling, device.head, schemes)
    return build_graph(device, schemes)


def matrix(arrays: dict[str, Array], name: str) -> Array:
    """A matrix `[in, out]` that is read as docs/reference/artifact.md says: by names, types and shapes alone."""
    if f"{name}.0" in arrays:
        return np.concatenate([matrix(arrays, f"{name}.{part}") for part in range(3)], axis=1)
    codes = arrays.pop(name)
    if codes.dtype == np.float32:
        return codes
    scales = arrays.pop(f"{name}.s")
    if codes.dtype == np.int8:
        assert scales.dtype == np.float32
        assert scales.shape in {(), (1, codes.shape[1])}
        return np.asarray(codes * scales)
    assert (str(codes.dtype), str(scales.dtype)) == ("uint8", "float16")
    values = (np.concatenate([codes & 15, codes >> 4]).astype(np.float32) - 8).reshape(-1, 32, codes.shape[1])
    assert scales.shape == (len(values), 1, codes.shape[1])
    return np.asarray(values * scales.astype(np.float32)).reshape(-1, codes.shape[1])


def table(arrays: dict[str, Array]) -> Array:
    """The token table `[tokens, columns]`, read in the same way."""
    codes = arrays.pop("w")
    if codes.dtype == np.float32:
        return codes
    scales = arrays.pop("w.s")
    if codes.dtype == np.int8:
        assert scales.dtype == np.float32
        assert scales.shape in {(1, 1), (len(codes), 1)}
        return np.asarray(codes * scales)
    assert (str(codes.dtype), str(scales.dtype), scales.shape) == ("uint8", "float16", (len(codes), 1))
    values = np.concatenate([codes & 15, codes >> 4], axis=1).astype(np.float32) - 8
    return np.asarray(values * scales.astype(np.float32))


def check(found: Array, *wanted: torch.Tensor) -> None:
    """Compare what was read with weights of torch, which has matrices `[out, in]` apart."""
    expected = torch.cat([one.detach() for one in wanted]).numpy().T
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


def check_linear(arrays: dict[str, Array], name: str, *layers: nn.Linear) -> None:
    check(matrix(arrays, name), *(layer.weight for layer in layers))
    check(arrays.pop(f"{name}.b"), *(layer.bias for layer in layers))


def check_norm(arrays: dict[str, Array], name: str, norm: nn.LayerNorm) -> None:
    check(arrays.pop(f"{name}.g"), norm.weight)
    check(arrays.pop(f"{name}.b"), norm.bias)


def check_pooling(arrays: dict[str, Array], pooling: StatePooling) -> None:
    for name, learned in (("t", pooling.last_weights), ("u", pooling.first_weights)):
        if learned is not None:
            check(arrays.pop(f"{name}.g"), learned.gate / np.sqrt(len(learned.gate)))
            check(arrays.pop(f"{name}.p"), learned.positions)


@pytest.mark.parametrize(("kind", "scheme"), CASES)
def test_weights_are_found_by_name(kind: str, scheme: str) -> None:
    made = DEVICES[kind]()
    arrays = arrays_of(graph_of(made, SCHEMES[scheme]))
    arrays = {name: value for name, value in arrays.items() if not name.isdigit()}
    rounded = quantized(made, SCHEMES[scheme])
    embeddings: Any = rounded.encoder.embeddings
    check(table(arrays).T, embeddings.word_embeddings.weight)
    check(matrix(arrays, "p"), embeddings.position_embeddings.weight)
    check_norm(arrays, "e", embeddings.LayerNorm)
    if kind != "no projection":
        check_linear(arrays, "j", rounded.encoder.embeddings_project)
    layers: Any = rounded.encoder.encoder.layer
    for number, layer in enumerate(layers):
        own, output = layer.attention.self, layer.attention.output
        check_linear(arrays, f"{number}q", own.query, own.key, own.value)
        check_linear(arrays, f"{number}o", output.dense)
        check_norm(arrays, f"{number}a", output.LayerNorm)
        check_linear(arrays, f"{number}f", layer.intermediate.dense)
        check_linear(arrays, f"{number}r", layer.output.dense)
        check_norm(arrays, f"{number}n", layer.output.LayerNorm)
    pooling = rounded.pooling
    if isinstance(pooling, PairPooling):
        check(arrays.pop("g").T, embeddings.token_type_embeddings.weight)
        check(matrix(arrays, "c"), pooling.comparison.weight)
    check_pooling(arrays, pooling.whole if isinstance(pooling, PairPooling) else pooling)
    check(matrix(arrays, "h"), rounded.head.weight)
    if isinstance(rounded, TaskDevice):
        check(arrays.pop("h.b"), rounded.head.bias)
    assert not arrays  # nothing else has a name


def test_a_joint_matrix_with_one_scale_has_its_parts_apart() -> None:
    arrays = arrays_of(build_graph(encoder(), SCHEMES["int8-tensor"]))
    names = sorted(name for name in arrays if name.startswith("0q"))
    assert names == ["0q.0", "0q.0.s", "0q.1", "0q.1.s", "0q.2", "0q.2.s", "0q.b"]
    assert "0o.0" not in arrays


@pytest.mark.parametrize("projection", [True, False])
def test_adapters_change_the_layers_in_the_documented_order(projection: bool, tmp_path: Path) -> None:
    made = encoder(projection=projection)
    graph = build_graph(made, SCHEMES["float32"])
    matrices = [*(["j"] if projection else []), *(f"{layer}{part}" for layer in (0, 1) for part in "qofr"), "h"]
    adapted = adapted_graph(save_graph(graph, tmp_path / "graph.onnx"))
    arrays = arrays_of(graph)
    assert adapted.layers == [arrays[name].shape for name in matrices]

    rng, row = np.random.default_rng(3), rows(1)[0]

    def draw(*shape: int) -> NDArray[np.float32]:
        return rng.normal(scale=0.25, size=shape).astype(np.float32)

    adapters = [(draw(size, 2), draw(2, out)) for size, out in adapted.layers]
    inputs = {"input_ids": np.array([row]), "attention_mask": np.ones((1, len(row)), np.int64)}
    session = ort.InferenceSession(adapted.model, providers=["CPUExecutionProvider"])
    found = session.run(None, {**inputs, **adapter_inputs(adapters)})[0]
    for one in graph.graph.initializer:
        if one.name in matrices:
            down, up = adapters[matrices.index(one.name)]
            one.CopyFrom(numpy_helper.from_array(arrays[one.name] + down @ up, one.name))
    merged = run_graph(save_graph(graph, tmp_path / "merged.onnx"), [row])
    np.testing.assert_allclose(found, merged, atol=1e-5)


def artifact_of(folder: Path, device: Device, schemes: dict[str, str], graph: onnx.ModelProto) -> Artifact:
    """A test artifact with a graph in the place of its own, and the shape of its student in the manifest."""
    task = None
    if isinstance(device, TaskDevice):
        pairs = isinstance(device.pooling, PairPooling)
        task = TaskRecord(kind="pair" if pairs else "text", classes=("a", "b", "c"))
    made = build_artifact(folder, task=task)
    save_graph(graph, folder / MODEL)
    config = device.encoder.config
    shape = made.manifest.model.model_copy(
        update={
            "layers": config.num_hidden_layers,
            "hidden_size": config.hidden_size,
            "embedding_size": config.embedding_size,
            "intermediate_size": config.intermediate_size,
            "attention_heads": config.num_attention_heads,
            "vocabulary_size": PIECES,
            "dimension": device.head.out_features,
            "max_length": config.max_position_embeddings,
        }
    )
    changed = {"model": shape, "quantization": module_schemes(device, schemes)}
    return replace(made, manifest=made.manifest.model_copy(update=changed))


@pytest.mark.parametrize(("kind", "scheme"), CASES)
def test_an_older_graph_is_named_as_a_new_one(
    kind: str, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, schemes = DEVICES[kind](), SCHEMES[scheme]
    new = graph_of(made, schemes)
    with monkeypatch.context() as patched:  # weights were constants: numbered, and shared if they were small
        patched.setattr(_Builder, "weight", lambda builder, _, value: builder.constant(value))
        old = graph_of(made, schemes)
    assert all(one.name.isdigit() for one in old.graph.initializer)
    artifact = artifact_of(tmp_path, made, schemes, old)
    assert named_graph(artifact) == new
    save_graph(new, artifact.model_path)
    assert named_graph(artifact) == new


def test_a_task_model_is_named_and_keeps_its_card(tmp_path: Path) -> None:
    made = classifier(2)
    new = graph_of(made, SCHEMES["int4"])
    artifact = artifact_of(tmp_path / "old", made, SCHEMES["int4"], numbered(new))
    card = "---\nlanguage: en\nlicense: mit\n---\n\n# Task\n\n## Quality\n\nGood.\n\n## Use\n"
    (artifact.folder / CARD).write_text(card)
    seal(artifact.folder, artifact.manifest)
    name_weights(load_artifact(artifact.folder), tmp_path / "new")
    named = load_artifact(tmp_path / "new")
    assert onnx.load(named.model_path) == new
    assert (named.folder / CARD).read_text() == card


def test_the_order_of_nodes_may_differ(tmp_path: Path) -> None:
    new = build_graph(encoder(), SCHEMES["int4"])
    assert named_graph(artifact_of(tmp_path, encoder(), SCHEMES["int4"], numbered(new))) == new


def test_activation_and_epsilon_are_read_from_the_graph(tmp_path: Path) -> None:
    made = copy.deepcopy(encoder())
    made.encoder.config.hidden_act = "relu"
    for part in made.encoder.modules():
        if isinstance(part, nn.LayerNorm):
            part.eps = 1e-5
    new = build_graph(made, SCHEMES["int8"])
    assert named_graph(artifact_of(tmp_path, made, SCHEMES["int8"], numbered(new))) == new


def a_constant(graph: onnx.GraphProto) -> None:
    constant = next(one for one in graph.initializer if numpy_helper.to_array(one).shape == ())
    constant.raw_data = bytes(len(constant.raw_data))


def a_type(graph: onnx.GraphProto) -> None:
    norm = next(node for node in graph.node if node.op_type == "LayerNormalization")
    bias = next(one for one in graph.initializer if one.name == norm.input[2])
    bias.CopyFrom(numpy_helper.from_array(np.zeros(64, np.float16), bias.name))


def an_epsilon(graph: onnx.GraphProto) -> None:
    norm = next(node for node in graph.node if node.op_type == "LayerNormalization")
    next(one for one in norm.attribute if one.name == "epsilon").f = 0.5


def an_operation(graph: onnx.GraphProto) -> None:
    next(node for node in graph.node if node.op_type == "Exp").op_type = "Abs"


def an_edge(graph: onnx.GraphProto) -> None:
    norms = [node for node in graph.node if node.op_type == "LayerNormalization"]
    product = next(node for node in graph.node if node.op_type == "MatMul" and node.input[0] == norms[1].output[0])
    product.input[0] = norms[0].input[0]


def a_weight_that_is_computed(graph: onnx.GraphProto) -> None:
    norm = next(node for node in graph.node if node.op_type == "LayerNormalization")
    norm.input[2] = graph.node[0].output[0]


def a_weight_more(graph: onnx.GraphProto) -> None:
    graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float32), "spare"))


def a_node_less(graph: onnx.GraphProto) -> None:
    del graph.node[-1]


def an_input(graph: onnx.GraphProto) -> None:
    graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def everything(graph: onnx.GraphProto) -> None:
    graph.Clear()


@pytest.mark.parametrize(
    "change",
    [
        a_constant,
        a_type,
        an_epsilon,
        an_operation,
        an_edge,
        a_weight_that_is_computed,
        a_weight_more,
        a_node_less,
        an_input,
        everything,
    ],
)
def test_a_graph_of_another_make_is_refused(change: Callable[[onnx.GraphProto], None], tmp_path: Path) -> None:
    graph = numbered(build_graph(encoder(), SCHEMES["int4"]))
    change(graph.graph)
    artifact = artifact_of(tmp_path, encoder(), SCHEMES["int4"], graph)
    with pytest.raises(GraphError, match=r"model_int8\.onnx is not a graph that this version of model-build writes"):
        named_graph(artifact)


def test_copies_of_a_weight_that_differ_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = classifier(2)
    monkeypatch.setattr(_Builder, "weight", lambda builder, _, value: builder.constant(value))
    old = graph_of(made, SCHEMES["int8"])
    monkeypatch.undo()
    gates = [one for one in old.graph.initializer if one.dims == [32] and one.data_type == onnx.TensorProto.FLOAT]
    copies = [one for one in gates if sum(one.raw_data == other.raw_data for other in gates) == 3]
    assert len(copies) == 9  # a gate and two weights of positions, for the pair and for either text
    copies[0].raw_data = bytes(len(copies[0].raw_data))
    with pytest.raises(GraphError):
        named_graph(artifact_of(tmp_path, made, SCHEMES["int8"], old))


def test_what_manifest_and_graph_disagree_on_is_refused(tmp_path: Path) -> None:
    graph = numbered(build_graph(encoder(), SCHEMES["int4"]))
    for schemes in ("int8", "mixed"):
        artifact = artifact_of(tmp_path / schemes, encoder(), SCHEMES[schemes], graph)
        with pytest.raises(GraphError):
            named_graph(artifact)
    artifact = artifact_of(tmp_path / "none", encoder(), SCHEMES["int4"], graph)
    artifact.model_path.write_bytes(b"not a graph")
    with pytest.raises(GraphError):
        named_graph(artifact)
    without = replace(artifact, manifest=artifact.manifest.model_copy(update={"quantization": {}}))
    with pytest.raises(GraphError):
        named_graph(without)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_is_known_by_what_the_manifest_says_of_it(scheme: str) -> None:
    described = module_schemes(encoder(), SCHEMES[scheme])
    assert {module: scheme_of(described[module].scheme) for module in MODULES} == SCHEMES[scheme]


@pytest.mark.parametrize("folder", RELEASED, ids=lambda folder: folder.name)
def test_released_models_have_the_names(folder: Path) -> None:
    artifact = load_artifact(folder)
    model = onnx.load(artifact.model_path)
    assert named_graph(artifact) == model
    names = {one.name for one in model.graph.initializer if not one.name.isdigit()}
    layers = range(artifact.manifest.model.layers)
    products = ["j", "h", *(f"{layer}{part}" for layer in layers for part in "qofr")]
    norms = ["e", *(f"{layer}{part}" for layer in layers for part in "an")]
    assert names >= {
        *("w", "w.s", "p", "p.s", "t.g", "t.p", "u.g", "u.p"),
        *products,
        *(f"{one}.s" for one in products),
        *(f"{one}.b" for one in products if one != "h"),
        *(f"{one}.{part}" for one in norms for part in "gb"),
    }
    assert "h.b" not in names
    onnx.checker.check_model(model, full_check=True)
    assert artifact.manifest.device_bytes <= artifact.manifest.byte_budget <= 1_910_000
