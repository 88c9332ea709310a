"""Graphs that are none for an encoder, each in its own way."""

from collections.abc import Sequence

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper


def _built(
    nodes: Sequence[NodeProto],
    output: ValueInfoProto | None,
    tensors: Sequence[TensorProto] = (),
    *,
    input_type: int = TensorProto.INT64,
    input_shape: Sequence[str | int] = ("batch", "sequence"),
) -> bytes:
    inputs = [
        helper.make_tensor_value_info(name, input_type, list(input_shape)) for name in ("input_ids", "attention_mask")
    ]
    graph = helper.make_graph(list(nodes), "graph", inputs, [output] if output else [], list(tensors))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())


def _output(kind: int = TensorProto.FLOAT, shape: Sequence[str | int] = ("batch", "any")) -> ValueInfoProto:
    return helper.make_tensor_value_info("embedding", kind, list(shape))


def _node(kind: str, *names: str, to: int | None = None) -> NodeProto:
    *inputs, output = names
    return helper.make_node(kind, inputs, [output]) if to is None else helper.make_node(kind, inputs, [output], to=to)


def _number(name: str, value: float, kind: type[np.generic] = np.float32) -> TensorProto:
    return numpy_helper.from_array(np.array([value], dtype=kind), name)


def _declared(name: str, *shape: int) -> TensorProto:
    return TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)


def _external(name: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "/etc/passwd"), ("length", "16")):
        tensor.external_data.add(key=key, value=value)
    return tensor


def _for_ever() -> bytes:
    """Counts to 2^62 before it gives anything."""
    body: GraphProto = helper.make_graph(
        [_node("Identity", "go", "on"), _node("Identity", "sum", "sum_out")],
        "body",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, ["batch", "sequence"]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum_out", TensorProto.FLOAT, ["batch", "sequence"]),
        ],
    )
    loop = helper.make_node("Loop", ["most", "true", "floats"], ["embedding"], body=body)
    tensors = [
        numpy_helper.from_array(np.array(2**62, dtype=np.int64), "most"),
        numpy_helper.from_array(np.array(True), "true"),
    ]
    return _built([_node("Cast", "input_ids", "floats", to=TensorProto.FLOAT), loop], _output(), tensors)


FOR_EVER = _for_ever()

STRANGE = {
    "nothing": b"",
    "zeros": bytes(1000),
    "four terabytes that are only declared": _built(
        [_node("ReduceSum", "w", "embedding")], _output(), [_declared("w", 10**6, 10**6)]
    ),
    "a constant of 400 GB": _built(
        [_node("ConstantOfShape", "n", "c"), _node("ReduceSum", "c", "embedding")],
        _output(),
        [_number("n", 10**11, np.int64)],
    ),
    "texts": _built([_node("Cast", "input_ids", "embedding", to=TensorProto.STRING)], _output(TensorProto.STRING)),
    "whole numbers": _built([_node("Identity", "input_ids", "embedding")], _output(TensorProto.INT64)),
    "a list": _built(
        [_node("SequenceConstruct", "input_ids", "embedding")],
        helper.make_tensor_sequence_value_info("embedding", TensorProto.INT64, None),
    ),
    "no output": _built([_node("Identity", "input_ids", "y")], None),
    "one number": _built(
        [
            _node("Cast", "input_ids", "f", to=TensorProto.FLOAT),
            helper.make_node("ReduceSum", ["f"], ["embedding"], keepdims=0),
        ],
        _output(shape=()),
    ),
    "not a number": _built(
        [
            _node("Cast", "input_ids", "f", to=TensorProto.FLOAT),
            _node("Div", "z", "z", "nan"),
            _node("Mul", "f", "nan", "embedding"),
        ],
        _output(),
        [_number("z", 0)],
    ),
    "numbers in another file": _built([_node("Identity", "w", "embedding")], _output(shape=(4,)), [_external("w")]),
    "texts of three pieces alone": _built(
        [_node("Cast", "input_ids", "embedding", to=TensorProto.FLOAT)], _output(shape=(1, 3)), input_shape=(1, 3)
    ),
    "inputs that are no whole numbers": _built(
        [_node("Identity", "input_ids", "embedding")], _output(), input_type=TensorProto.FLOAT
    ),
}
