"""Read a published artifact's weights back, to continue training from them.

The artifact's ONNX graph has quantized matrices, and an older one's weights are named by numbers (see `onnx_graph`).
The order identifies them: walking the graph from its inputs to its output yields tables, matrices, biases and norms in
a known sequence, and ONNX Runtime unpacks them. The student must then give the graph's vectors, or it is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn
from transformers import ElectraModel

from model_build.common.batching import embed_rows
from model_build.common.errors import StartError
from model_build.export.parity import run_graph
from model_build.recipe import Recipe, StudentRecipe
from model_build.student.fuse import DeviceStudent
from model_build.student.model import build_config, under_head
from model_build.student.pooling import StatePooling
from model_build.vocabulary.pruning import ids_of, read_vocabulary
from service.artifact.artifact import Artifact

_TOLERANCE = 1e-3  # greatest difference of a vector's component between graph and student
_PROBES = 16
_SHAPE = ("layers", "hidden_size", "embedding_size", "intermediate_size", "attention_heads", "max_length")

Array = NDArray[Any]


def initial_encoder(artifact: Artifact, recipe: Recipe, tokens: Sequence[str]) -> tuple[ElectraModel, StatePooling]:
    """Return encoder and pooling of a published artifact, to continue its training with some of its tokens.

    Raises:
        StartError: the artifact has another shape than the recipe's, or can't be read back.
    """
    before = restore(artifact, recipe.student)
    ids = ids_of(read_vocabulary(artifact.vocabulary_path))
    kept = before.encoder.embeddings.word_embeddings.weight[[ids[token] for token in tokens]]
    encoder = ElectraModel(build_config(recipe.student, len(tokens)))
    encoder.load_state_dict(before.encoder.state_dict() | {"embeddings.word_embeddings.weight": kept})
    pooling = under_head(encoder, 1, recipe.student).pooling
    pooling.load_state_dict(before.pooling.state_dict(), strict=False)  # states not pooled before start as a mean
    return encoder, pooling


def restore(artifact: Artifact, recipe: StudentRecipe) -> DeviceStudent:
    """Read the student of an artifact that `model-build run` made.

    Raises:
        StartError: the artifact has another shape than the recipe's, or its graph was not written by `onnx_graph`.
    """
    check_shape(artifact, recipe)
    model = onnx.load(artifact.model_path)
    vocabulary_size = artifact.manifest.model.vocabulary_size
    try:
        student = _student(_Weights.of(model, vocabulary_size), recipe, vocabulary_size)
    except (StopIteration, RuntimeError, ValueError, IndexError):
        raise StartError(f"{artifact.model_path} is not laid out as by this version of model-build") from None
    _check_agreement(student, artifact)
    return student


def check_shape(artifact: Artifact, recipe: StudentRecipe) -> None:
    """Check an artifact's shape.

    Raises:
        StartError: it differs from the recipe's.
    """
    shape = artifact.manifest.model
    for name in _SHAPE:
        found, wanted = getattr(shape, name), getattr(recipe, name)
        if found != wanted:
            raise StartError(f"student.{name} is {wanted}; {artifact.folder}, named by student.init_from, has {found}")


@dataclass(frozen=True)
class _Weights:
    """A graph's weights, each kind in the order of use.

    Attributes:
        tokens: float32 `[vocabulary, embedding size]`.
        positions: float32 `[positions, embedding size]`.
        matrices: float32 `[in, out]`.
        gates: float32 `[in]`, of pooling.
        biases: float32 `[out]`.
        norms: scale and bias of each.
        offsets: float32 `[positions]`, of pooling.
    """

    tokens: Array
    positions: Array
    matrices: Iterator[Array]
    gates: list[Array]
    biases: Iterator[Array]
    norms: Iterator[tuple[Array, Array]]
    offsets: list[Array]

    @classmethod
    def of(cls, model: onnx.ModelProto, vocabulary_size: int) -> "_Weights":
        """Walk a graph from input to output."""
        nodes = list(model.graph.node)
        fixed = _constants(model)
        sums = [node for node in nodes if node.op_type == "Add"]
        norms = [node for node in nodes if node.op_type == "LayerNormalization"]
        slices = [node.input[0] for node in nodes if node.op_type == "Slice"]
        factors = [node.input[1] for node in nodes if node.op_type == "MatMul" and node.input[1] in fixed]
        biases = [name for node in sums for name in node.input if name in fixed]
        tokens = sums[0].input[0]  # the first sum is of tokens and positions
        wanted = [tokens, *slices, *factors, *biases, *(name for norm in norms for name in norm.input[1:])]
        values = _evaluate(model, wanted, np.arange(vocabulary_size)[:, None])
        return cls(
            tokens=values[tokens][:, 0],
            positions=values[slices[0]],
            matrices=iter([values[name] for name in factors if values[name].ndim == 2]),
            gates=[values[name] for name in factors if values[name].ndim == 1],
            biases=iter([values[name] for name in biases]),
            norms=iter([(values[norm.input[1]], values[norm.input[2]]) for norm in norms]),
            offsets=[values[name] for name in slices[1:]],
        )


def _constants(model: onnx.ModelProto) -> set[str]:
    """Name the values that do not depend on the inputs."""
    fixed = {one.name for one in model.graph.initializer}
    for node in model.graph.node:
        if node.input and set(node.input) <= fixed:
            fixed.update(node.output)
    return fixed


def _evaluate(model: onnx.ModelProto, names: Sequence[str], ids: NDArray[np.int64]) -> dict[str, Array]:
    """Evaluate values inside a graph for token ids `[texts, length]`."""
    values = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer if one.name in names}
    open_model = onnx.ModelProto()
    open_model.CopyFrom(model)
    computed = [name for name in dict.fromkeys(names) if name not in values]
    open_model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in computed)
    session = ort.InferenceSession(open_model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(computed, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return values | dict(zip(computed, (np.asarray(result) for result in results), strict=True))


@torch.no_grad()
def _student(weights: _Weights, recipe: StudentRecipe, vocabulary_size: int) -> DeviceStudent:
    encoder = ElectraModel(build_config(recipe, vocabulary_size))
    embeddings = encoder.embeddings
    _set(embeddings.word_embeddings.weight, weights.tokens)
    _set(embeddings.position_embeddings.weight, weights.positions)
    embeddings.token_type_embeddings.weight.zero_()
    _set_norm(embeddings.LayerNorm, weights)
    if hasattr(encoder, "embeddings_project"):
        _set_linear([encoder.embeddings_project], weights)
    layers: Any = encoder.encoder.layer
    for layer in layers:
        own = layer.attention.self
        _set_linear([own.query, own.key, own.value], weights)
        _set_linear([layer.attention.output.dense], weights)
        _set_norm(layer.attention.output.LayerNorm, weights)
        _set_linear([layer.intermediate.dense], weights)
        _set_linear([layer.output.dense], weights)
        _set_norm(layer.output.LayerNorm, weights)
    return _under_head(encoder, weights)


def _under_head(encoder: ElectraModel, weights: _Weights) -> DeviceStudent:
    projection = next(weights.matrices)
    first = len(projection) > encoder.config.hidden_size
    pooling = StatePooling(encoder.config, weighted=bool(weights.gates), first=first)
    learned = [one for one in (pooling.last_weights, pooling.first_weights) if one is not None]
    for one, gate, offsets in zip(learned, weights.gates, weights.offsets, strict=True):
        _set(one.gate, gate * np.sqrt(np.float32(len(gate))))  # the graph's gate is divided by the root of the width
        _set(one.positions, offsets)
    head = nn.Linear(projection.shape[0], projection.shape[1], bias=False)
    _set(head.weight, projection.T)
    return DeviceStudent(encoder, pooling, head).eval()


def _set_linear(layers: Sequence[nn.Linear], weights: _Weights) -> None:
    """Fill layers with the same input, whose matrices the graph has side by side."""
    matrix, bias = next(weights.matrices), next(weights.biases)
    for layer, columns, part in zip(
        layers, np.split(matrix, len(layers), axis=1), np.split(bias, len(layers)), strict=True
    ):
        _set(layer.weight, columns.T)
        _set(layer.bias, part)


def _set_norm(norm: nn.LayerNorm, weights: _Weights) -> None:
    scale, bias = next(weights.norms)
    _set(norm.weight, scale)
    _set(norm.bias, bias)


def _set(parameter: torch.Tensor, value: Array) -> None:
    parameter.copy_(torch.from_numpy(np.array(value, dtype=np.float32)).reshape(parameter.shape))


def _check_agreement(student: DeviceStudent, artifact: Artifact) -> None:
    shape, rng = artifact.manifest.model, np.random.default_rng(0)
    rows = [
        rng.integers(shape.vocabulary_size, size=rng.integers(1, shape.max_length + 1)).tolist() for _ in range(_PROBES)
    ]
    difference = float(np.abs(embed_rows(student, rows) - run_graph(artifact.model_path, rows)).max())
    if difference > _TOLERANCE:
        raise StartError(f"{artifact.model_path} can't be read back: vectors differ by {difference:.2g}")
