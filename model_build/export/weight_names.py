"""Name the weights in an artifact's graph as `onnx_graph` does: up to version 0.1.0 it named them by numbers.

The graph is compared, node by node, with that of an untrained student of the same shape. Only names, the weights'
numbers and the order of nodes may differ, so the weights are what stands in the same places.
"""

from collections.abc import Mapping
from typing import cast

import onnx
import torch
from onnx import shape_inference
from torch import nn
from transformers import ElectraConfig, ElectraModel

from model_build.common.errors import GraphError
from model_build.export.onnx_graph import build_classifier_graph, build_graph
from model_build.quantization.schemes import MODULES, scheme_of
from model_build.student.fuse import DeviceStudent
from model_build.student.pair_pooling import PairPooling
from model_build.student.pooling import StatePooling
from service.artifact.artifact import Artifact, Manifest

_MEAN_SUMS = 2  # sums in the mean of a text's states
_SINGLE_MEANS, _PAIR_MEANS = 1, 3  # where only the last states are pooled: of a text; of a pair, and of both its texts


def named_graph(artifact: Artifact) -> onnx.ModelProto:
    """Return an artifact's graph as the present version writes it: the same nodes and weights, with its names.

    Raises:
        GraphError: the graph is not one that `model-build` writes for the manifest's shape and schemes.
    """
    refusal = GraphError(f"{artifact.model_path} is not a graph that this version of model-build writes")
    try:
        model = onnx.load(artifact.model_path)
        named = _untrained(artifact.manifest, model)
    except Exception:  # noqa: BLE001 -- protobuf, ONNX, torch and transformers raise errors of many kinds
        raise refusal from None
    weights = _weights(named, model)
    if weights is None:
        raise refusal
    for initializer in named.graph.initializer:
        initializer.raw_data = weights[initializer.name]
    return named


def _weights(named: onnx.ModelProto, model: onnx.ModelProto) -> dict[str, bytes] | None:
    """The numbers in a model for each initializer of a `named` one; None if more than names and weights differ.

    Walks from the output to the inputs, since versions differ in the order of nodes that do not depend on each other.
    """
    if _frame(named) != _frame(model) or len(named.graph.node) != len(model.graph.node):
        return None
    wanted = {one.name: one for one in named.graph.initializer}
    present = {one.name: one for one in model.graph.initializer}
    makers = {name: node for node in model.graph.node for name in node.output}
    same = {one.name: one.name for one in (*named.graph.input, *named.graph.output)}  # values of both, by its name
    found: dict[str, bytes] = {}
    taken: set[str] = set()
    for node in reversed(named.graph.node):
        other = makers.get(same[node.output[0]])
        if other is None or _operation(node) != _operation(other) or [same[one] for one in node.output] != other.output:
            return None
        for name, its in zip(node.input, other.input, strict=True):
            if name not in wanted:
                if same.setdefault(name, its) != its:
                    return None
                continue
            if its not in present or not _fits(wanted[name], present[its]):
                return None
            if found.setdefault(name, present[its].raw_data) != present[its].raw_data:
                return None
            taken.add(its)
    return found if taken == present.keys() else None


def _frame(model: onnx.ModelProto) -> bytes:
    """A model without nodes and initializers: versions, inputs and outputs."""
    frame = onnx.ModelProto()
    frame.CopyFrom(model)
    del frame.graph.node[:], frame.graph.initializer[:]
    return bytes(frame.SerializeToString(deterministic=True))


def _operation(node: onnx.NodeProto) -> tuple[bytes, int, int]:
    """A node without names, and how many inputs and outputs it has."""
    bare = onnx.NodeProto()
    bare.CopyFrom(node)
    del bare.input[:], bare.output[:]
    return bytes(bare.SerializeToString(deterministic=True)), len(node.input), len(node.output)


def _fits(wanted: onnx.TensorProto, present: onnx.TensorProto) -> bool:
    """Whether a tensor has the type and the shape of another and, if that is a constant with a number, its value."""
    if (wanted.data_type, wanted.dims) != (present.data_type, present.dims):
        return False
    if wanted.name.isdigit():
        return wanted.raw_data == present.raw_data
    return len(wanted.raw_data) == len(present.raw_data)


@torch.no_grad()
def _untrained(manifest: Manifest, model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph of an untrained student with the shape that manifest and graph state; any error if they state none."""
    schemes = {module: scheme_of(manifest.quantization[module].scheme) for module in MODULES}
    kinds = [node.op_type for node in model.graph.node]
    compared = _compared(model) if manifest.task else 0
    encoder = ElectraModel(_config(manifest, model))
    first = kinds.count("ReduceSum") > _MEAN_SUMS * (_PAIR_MEANS if compared else _SINGLE_MEANS)
    pooling = StatePooling(encoder.config, weighted="Exp" in kinds, first=first)
    outputs = manifest.model.dimension
    if manifest.task is None:
        return build_graph(DeviceStudent(encoder, pooling, nn.Linear(pooling.width, outputs, bias=False)), schemes)
    whole = PairPooling(pooling, nn.Linear(pooling.width, compared, bias=False)) if compared else pooling
    return build_classifier_graph(encoder, whole, nn.Linear(whole.width, outputs), schemes)


def _config(manifest: Manifest, model: onnx.ModelProto) -> ElectraConfig:
    shape, inputs = manifest.model, [one.name for one in model.graph.input]
    epsilons: Mapping[str, float] = {
        attribute.name: attribute.f
        for node in model.graph.node
        if node.op_type == "LayerNormalization"
        for attribute in node.attribute
    }
    return ElectraConfig(
        vocab_size=shape.vocabulary_size,
        embedding_size=shape.embedding_size,
        hidden_size=shape.hidden_size,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.attention_heads,
        intermediate_size=shape.intermediate_size,
        max_position_embeddings=shape.max_length,
        type_vocab_size=2 if "token_type_ids" in inputs else 1,
        hidden_act="relu" if any(node.op_type == "Relu" for node in model.graph.node) else "gelu",
        layer_norm_eps=epsilons["epsilon"],
    )


def _compared(model: onnx.ModelProto) -> int:
    """How many components of a pair's two texts are compared; 0 where none are."""
    compared = [node.output[0] for node in model.graph.node if node.op_type == "LpNormalization"]
    if not compared:
        return 0
    values = shape_inference.infer_shapes(model, data_prop=True).graph.value_info
    shapes = {one.name: one.type.tensor_type.shape.dim for one in values}
    return cast("int", shapes[compared[0]][-1].dim_value)
