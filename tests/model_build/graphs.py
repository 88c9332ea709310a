"""Graphs as version 0.1.0 exported them."""

from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import numpy_helper


def numbered(model: onnx.ModelProto) -> onnx.ModelProto:
    """A graph with a number in the place of every name, and its mask where the attention first needs it."""
    older = onnx.ModelProto()
    older.CopyFrom(model)
    graph = older.graph
    fixed = {one.name for one in (*graph.input, *graph.output)}
    values = [name for node in graph.node for name in (*node.input, *node.output) if name not in fixed]
    numbers = {name: str(number) for number, name in enumerate(dict.fromkeys(values), 1)}
    for one in graph.initializer:
        one.name = numbers[one.name]
    for node in graph.node:
        node.input[:] = [numbers.get(name, name) for name in node.input]
        node.output[:] = [numbers.get(name, name) for name in node.output]
    mask, *nodes = graph.node
    assert mask.input == ["attention_mask"]
    place = next(place for place, node in enumerate(nodes) if mask.output[0] in node.input)
    nodes.insert(place, mask)
    ordered = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(ordered)
    onnx.checker.check_model(older, full_check=True)
    return older


def arrays_of(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    """A graph's initializers by name."""
    return {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
