"""A model's graph with room for low-rank adapters: of each linear layer, `x @ W` becomes `x @ W + (x @ A) @ B`.

Released graphs have no adapters. This one is made of them in memory; it has the same weights, and takes A `[in, rank]`
and B `[rank, out]` of every layer as optional inputs of any rank. By default the rank is 0, which adds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from service.artifact.artifact import MOST_FILE_BYTES, ArtifactError
from service.files.regular import explained, read_file

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

Adapter = tuple[NDArray[np.float32], NDArray[np.float32]]
"""A `[in, rank]` and B `[rank, out]` of a layer."""

Layer = tuple[int, int]
"""Number of inputs and of outputs of a linear layer."""


@dataclass(frozen=True)
class AdaptedGraph:
    """The changed graph, and its linear layers in order."""

    model: bytes
    layers: Sequence[Layer]


def adapted_graph(path: Path) -> AdaptedGraph:
    """Make room for adapters in a graph that has been verified.

    Raises:
        ArtifactError: its layers can't be found.
    """
    # The library of ONNX takes a while to import, and only packs need it.
    import onnx  # noqa: PLC0415
    from onnx import helper, numpy_helper, shape_inference  # noqa: PLC0415

    with explained(path, ArtifactError):
        content = read_file(path, most=MOST_FILE_BYTES)
    try:
        model = onnx.load_model_from_string(content)
        shapes = _shapes(shape_inference.infer_shapes(model, data_prop=True).graph)
    except Exception:  # noqa: BLE001 -- protobuf and ONNX raise errors of many kinds
        raise ArtifactError(f"{path} has no linear layers that can take adapters") from None
    graph, constants = model.graph, _constants(model.graph)
    nodes: list[NodeProto] = []
    layers: list[Layer] = []
    for node in graph.node:
        nodes.append(node)
        shape = shapes.get(node.input[1], ()) if node.op_type == "MatMul" and node.input[1] in constants else ()
        if len(shape) != 2:
            continue
        (down, up), output, rank = _names(len(layers)), node.output[0], f"rank {len(layers)}"
        layers.append((shape[0], shape[1]))
        node.output[0] = f"{output} without adapter"
        nodes += [
            helper.make_node("MatMul", [node.input[0], down], [f"{output} in adapter"]),
            helper.make_node("MatMul", [f"{output} in adapter", up], [f"{output} of adapter"]),
            helper.make_node("Add", [node.output[0], f"{output} of adapter"], [output]),
        ]
        for name, sizes in ((down, (shape[0], 0)), (up, (0, shape[1]))):
            graph.initializer.append(numpy_helper.from_array(np.zeros(sizes, dtype=np.float32), name))
            graph.input.append(
                helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [size or rank for size in sizes])
            )
    if not layers:
        raise ArtifactError(f"{path} has no linear layers that can take adapters")
    del graph.node[:]
    graph.node.extend(nodes)
    return AdaptedGraph(model.SerializeToString(), layers)


def adapter_inputs(adapters: Sequence[Adapter]) -> dict[str, NDArray[np.float32]]:
    """The inputs of the changed graph for the adapters of all layers."""
    return {
        name: matrix
        for place, adapter in enumerate(adapters)
        for name, matrix in zip(_names(place), adapter, strict=True)
    }


def _names(layer: int) -> tuple[str, str]:
    return f"adapter {layer} A", f"adapter {layer} B"


def _constants(graph: "GraphProto") -> set[str]:
    """Names of values that depend on no input."""
    names = {one.name for one in graph.initializer}
    for node in graph.node:
        if names.issuperset(one for one in node.input if one):
            names.update(node.output)
    return names


def _shapes(graph: "GraphProto") -> dict[str, tuple[int, ...]]:
    """Shapes of values; those that are not fixed have a size of 0."""
    inferred = {one.name: tuple(size.dim_value for size in one.type.tensor_type.shape.dim) for one in graph.value_info}
    return inferred | {one.name: tuple(one.dims) for one in graph.initializer}
