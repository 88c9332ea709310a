"""The student as an ONNX graph of standard operators (opset 20), which stock runtimes load.

The graph is written node by node instead of traced, because its bytes count: matrices stay quantized (an embedding row
is gathered as bytes, then unpacked and scaled; a linear layer's matrix is unpacked and scaled as a whole, which
runtimes fold into a constant on loading), queries, keys and values share a matrix, and names are short. `parity` checks
that it computes what torch computes.

A device's own runtime finds the weights by their names, which docs/reference/artifact.md lists: `w` token table,
`p` positions, `g` segments, `e` the embeddings' norm, `j` their projection; of layer 0 `0q` queries, keys and values,
`0o` attention's output, `0a` the norm after it, `0f` and `0r` the feed-forward layers, `0n` the norm after them; `t`
and `u` token weights of the last and of the first states, `c` comparison of pairs, `h` head. Suffixes: `.s` scales,
`.b` bias, `.g` gamma or gate, `.p` scores of positions. All other values have numbers.

`DequantizeLinear` would do it in one node, but ONNX Runtime fuses it with the product into a kernel that also quantizes
the activations, and vectors would differ between runtimes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from transformers import ElectraConfig, ElectraModel

from model_build.quantization.rounding import GROUP, Format, pack, quantize
from model_build.quantization.schemes import format_of
from model_build.student.fuse import DeviceStudent
from model_build.student.pair_pooling import PairPooling
from model_build.student.pooling import SMALLEST_COUNT, StatePooling, TokenWeights

OPSET = 20
IR_VERSION = 9
_INPUTS = ("input_ids", "attention_mask")
_SEGMENTS = "token_type_ids"
_MASKED = -1e4
_SHARED_BYTES = 64  # constants up to this size are shared: nodes repeat them


@dataclass
class _Builder:
    """Collects nodes and initializers; values that are not weights are named by consecutive numbers."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: list[onnx.TensorProto] = field(default_factory=list)
    count: int = 0
    small: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)
    weights: set[str] = field(default_factory=set)

    def op(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node with one output, and return the output's name."""
        name = output or self._next()
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def split(self, value: str, parts: int, axis: int) -> list[str]:
        """Split a value evenly."""
        names = [self._next() for _ in range(parts)]
        self.nodes.append(helper.make_node("Split", [value], names, axis=axis, num_outputs=parts))
        return names

    def constant(self, value: NDArray[Any] | np.generic) -> str:
        """Add an initializer and return its name; small ones are shared."""
        key = (value.dtype.str, value.shape, value.tobytes()) if value.nbytes <= _SHARED_BYTES else None
        if key in self.small:
            return self.small[key]
        name = self._next()
        self.initializers.append(_initializer(value, name))
        if key:
            self.small[key] = name
        return name

    def weight(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """Add a weight's initializer, unless it is there already, and return its name; nothing else shares it."""
        if name not in self.weights:
            self.weights.add(name)
            self.initializers.append(_initializer(value, name))
        return name

    def _next(self) -> str:
        self.count += 1
        return str(self.count)


def build_graph(student: DeviceStudent, schemes: Mapping[str, str]) -> onnx.ModelProto:
    """Build a sentence encoder's graph `input_ids`, `attention_mask` -> `embedding`, by each module's scheme.

    Inputs are int64 `[batch, length]`, the output float32 `[batch, width]`, a unit vector a row.
    """
    builder = _Builder()
    pooled = _pooled(builder, student.encoder, student.pooling, schemes)
    vector = builder.op(
        "MatMul", pooled, _matrix(builder, "h", [student.head.weight], format_of("head", schemes["head"]))
    )
    builder.op("LpNormalization", vector, output="embedding", axis=-1, p=2)
    return _model(builder, _INPUTS, "embedding", student.head.out_features)


def build_classifier_graph(
    encoder: ElectraModel, pooling: StatePooling | PairPooling, head: nn.Linear, schemes: Mapping[str, str]
) -> onnx.ModelProto:
    """Build a classifier's graph, by each module's scheme: its inputs -> `logits`, float32 `[batch, classes]`.

    Inputs are those of `build_graph`, and `token_type_ids` where the encoder has segments.
    """
    builder = _Builder()
    pooled = _pooled(builder, encoder, pooling, schemes)
    product = builder.op("MatMul", pooled, _matrix(builder, "h", [head.weight], format_of("head", schemes["head"])))
    builder.op("Add", product, builder.weight("h.b", _numpy(head.bias)), output="logits")
    segments = [_SEGMENTS] if encoder.config.type_vocab_size > 1 else []
    return _model(builder, [*_INPUTS, *segments], "logits", head.out_features)


def _pooled(
    builder: _Builder, encoder: ElectraModel, pooling: StatePooling | PairPooling, schemes: Mapping[str, str]
) -> str:
    """The pooled states: float32 `[batch, pooled width]`."""
    mask = builder.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    states = _states(builder, encoder, mask, schemes)
    if isinstance(pooling, StatePooling):
        return _pool(builder, pooling, states, mask)
    second = builder.op("Mul", mask, builder.op("Cast", _SEGMENTS, to=TensorProto.FLOAT))
    comparison = _matrix(builder, "c", [pooling.comparison.weight], format_of("comparison", schemes["head"]))
    left, right = (
        builder.op("LpNormalization", builder.op("MatMul", text, comparison), axis=-1, p=2)
        for side in (builder.op("Sub", mask, second), second)
        for text in [_pool(builder, pooling.whole, states, side, may_be_empty=True)]
    )
    scale = builder.constant(np.float32(math.sqrt(pooling.comparison.out_features)))
    apart = builder.op("Abs", builder.op("Sub", left, right))
    alike = builder.op("Mul", builder.op("Mul", left, right), scale)
    return builder.op("Concat", _pool(builder, pooling.whole, states, mask), apart, alike, axis=1)


def _states(builder: _Builder, encoder: ElectraModel, mask: str, schemes: Mapping[str, str]) -> tuple[str, str]:
    """The last layer's states, and the embedding layer's: float32 `[batch, length, …]`."""
    hidden, words = _embeddings(builder, encoder, schemes["embeddings"])
    bias = _attention_bias(builder, mask)
    layers: Any = encoder.encoder.layer
    for number, layer in enumerate(layers):
        form = format_of("attention", schemes["attention"])
        hidden = _attention(builder, str(number), layer.attention, hidden, bias, encoder.config, form)
        form = format_of("feed_forward", schemes["feed_forward"])
        hidden = _feed_forward(builder, str(number), layer, hidden, encoder.config, form)
    return hidden, words


def _pool(
    builder: _Builder, pooling: StatePooling, states: tuple[str, str], mask: str, *, may_be_empty: bool = False
) -> str:
    """The states of the tokens in a mask, pooled: float32 `[batch, pooled width]`."""
    last, first = states
    pooled = _mean(builder, "t", pooling.last_weights, last, mask, may_be_empty=may_be_empty)
    if not pooling.has_first:
        return pooled
    words = _mean(builder, "u", pooling.first_weights, first, mask, may_be_empty=may_be_empty)
    return builder.op("Concat", pooled, words, axis=1)


def _embeddings(builder: _Builder, encoder: ElectraModel, scheme: str) -> tuple[str, str]:
    """The first layer's input, and the embedding layer's own states before they are projected to its width."""
    embeddings = encoder.embeddings
    tokens = _gather(builder, "w", embeddings.word_embeddings.weight, format_of("word_embeddings", scheme))
    positions = _table(builder, "p", embeddings.position_embeddings.weight, format_of("position_embeddings", scheme))
    here = builder.op("Slice", positions, *_length(builder))
    states = builder.op("Add", tokens, here)
    # The embedding of a single segment is added to the positions (see `student.fuse`).
    if encoder.config.type_vocab_size > 1:
        segments = builder.weight("g", _numpy(embeddings.token_type_embeddings.weight))
        states = builder.op("Add", states, builder.op("Gather", segments, _SEGMENTS))
    words = _layer_norm(builder, "e", states, embeddings.LayerNorm)
    if hasattr(encoder, "embeddings_project"):
        form = format_of("embeddings_project", scheme)
        return _linear(builder, "j", words, [encoder.embeddings_project], form), words
    return words, words


def _length(builder: _Builder) -> tuple[str, str, str]:
    """Inputs of a `Slice` that keeps as many rows as the longest text has tokens: starts, ends, axes."""
    zero = builder.constant(np.array([0], np.int64))
    return zero, builder.op("Shape", "input_ids", start=1, end=2), zero


def _gather(builder: _Builder, name: str, table: Tensor, form: Format) -> str:
    """Gather the tokens' rows, then scale them: float32 `[batch, length, columns]`."""
    if form is Format.FLOAT32:
        return builder.op("Gather", builder.weight(name, _numpy(table)), "input_ids")
    quantized = quantize(table, form)
    scales = builder.weight(f"{name}.s", quantized.scales)
    if form is not Format.INT8_TENSOR:
        scales = builder.op("Gather", scales, "input_ids")
    if form is not Format.INT4:
        values = builder.op("Gather", builder.weight(name, quantized.values), "input_ids")
        return builder.op("Mul", builder.op("Cast", values, to=TensorProto.FLOAT), scales)
    packed = builder.op("Gather", builder.weight(name, pack(quantized.values, axis=1)), "input_ids")
    return builder.op("Mul", _unpacked(builder, packed, axis=-1), builder.op("Cast", scales, to=TensorProto.FLOAT))


def _table(builder: _Builder, name: str, weight: Tensor, form: Format) -> str:
    """A dequantized matrix, which runtimes fold into a constant: float32 `[rows, columns]`."""
    return builder.op("Transpose", _matrix(builder, name, [weight], form), perm=[1, 0])


def _unpacked(builder: _Builder, packed: str, axis: int) -> str:
    """Unpack bytes into two 4-bit values each (see `formats.pack`), as float32 from -8 to 7."""
    low = builder.op("BitwiseAnd", packed, builder.constant(np.uint8(15)))
    high = builder.op("BitShift", packed, builder.constant(np.uint8(4)), direction="RIGHT")
    codes = builder.op("Cast", builder.op("Concat", low, high, axis=axis), to=TensorProto.FLOAT)
    return builder.op("Sub", codes, builder.constant(np.float32(8)))


def _attention_bias(builder: _Builder, mask: str) -> str:
    """0 for real tokens and a large negative number for padding: `[batch, 1, 1, length]`."""
    one, masked = builder.constant(np.float32(1)), builder.constant(np.float32(_MASKED))
    absent = builder.op("Mul", builder.op("Sub", one, mask), masked)
    return builder.op("Unsqueeze", absent, builder.constant(np.array([1, 2], np.int64)))


def _attention(
    builder: _Builder, layer: str, attention: Any, hidden: str, bias: str, config: ElectraConfig, form: Format
) -> str:
    heads, size = config.num_attention_heads, config.hidden_size // config.num_attention_heads
    own = attention.self
    joint = _linear(builder, f"{layer}q", hidden, [own.query, own.key, own.value], form)
    apart = builder.constant(np.array([0, 0, heads, size], np.int64))
    query, key, value = (builder.op("Reshape", part, apart) for part in builder.split(joint, 3, axis=-1))
    query = builder.op("Transpose", query, perm=[0, 2, 1, 3])
    key = builder.op("Transpose", key, perm=[0, 2, 3, 1])
    value = builder.op("Transpose", value, perm=[0, 2, 1, 3])
    root = builder.constant(np.float32(1 / math.sqrt(size)))
    scores = builder.op("Mul", builder.op("MatMul", query, key), root)
    weights = builder.op("Softmax", builder.op("Add", scores, bias), axis=-1)
    context = builder.op("Transpose", builder.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    together = builder.op("Reshape", context, builder.constant(np.array([0, 0, config.hidden_size], np.int64)))
    projected = _linear(builder, f"{layer}o", together, [attention.output.dense], form)
    return _layer_norm(builder, f"{layer}a", builder.op("Add", projected, hidden), attention.output.LayerNorm)


def _feed_forward(builder: _Builder, number: str, layer: Any, hidden: str, config: ElectraConfig, form: Format) -> str:
    wide = _linear(builder, f"{number}f", hidden, [layer.intermediate.dense], form)
    active = builder.op("Gelu", wide) if config.hidden_act == "gelu" else builder.op("Relu", wide)
    narrow = _linear(builder, f"{number}r", active, [layer.output.dense], form)
    return _layer_norm(builder, f"{number}n", builder.op("Add", narrow, hidden), layer.output.LayerNorm)


def _token_weights(builder: _Builder, name: str, learned: TokenWeights, hidden: str, mask: str) -> str:
    """Weights of the tokens, 0 for padding: `[batch, length]`."""
    gate = builder.weight(f"{name}.g", _numpy(learned.gate / math.sqrt(len(learned.gate))))
    here = builder.op("Slice", builder.weight(f"{name}.p", _numpy(learned.positions)), *_length(builder))
    scores = builder.op("Add", builder.op("MatMul", hidden, gate), here)
    return builder.op("Mul", builder.op("Exp", scores), mask)


def _mean(
    builder: _Builder, name: str, learned: TokenWeights | None, states: str, mask: str, *, may_be_empty: bool
) -> str:
    weights = mask if learned is None else _token_weights(builder, name, learned, states, mask)
    last, middle = builder.constant(np.array([2], np.int64)), builder.constant(np.array([1], np.int64))
    kept = builder.op("Mul", states, builder.op("Unsqueeze", weights, last))
    total = builder.op("ReduceSum", kept, middle, keepdims=0)
    count = builder.op("ReduceSum", weights, middle, keepdims=1)
    if may_be_empty:
        count = builder.op("Max", count, builder.constant(np.float32(SMALLEST_COUNT)))
    return builder.op("Div", total, count)


def _linear(builder: _Builder, name: str, value: str, layers: list[nn.Linear], form: Format) -> str:
    """Apply layers with the same input as one product with their matrices side by side."""
    bias = np.concatenate([_numpy(layer.bias) for layer in layers])
    product = builder.op("MatMul", value, _matrix(builder, name, [layer.weight for layer in layers], form))
    return builder.op("Add", product, builder.weight(f"{name}.b", bias))


def _matrix(builder: _Builder, name: str, weights: list[Tensor], form: Format) -> str:
    """Transposed matrices side by side, `[in, out]`."""
    if form is Format.FLOAT32:
        return builder.weight(name, np.concatenate([_numpy(weight) for weight in weights]).T)
    parts = [quantize(weight, form) for weight in weights]
    if form is Format.INT8_TENSOR:
        names = [name] if len(parts) == 1 else [f"{name}.{number}" for number in range(len(parts))]
        scaled = [
            builder.op("Mul", builder.op("Cast", builder.weight(own, part.values.T), to=TensorProto.FLOAT), scale)
            for own, part in zip(names, parts, strict=True)
            for scale in [builder.weight(f"{own}.s", part.scales[0, 0])]
        ]
        return scaled[0] if len(scaled) == 1 else builder.op("Concat", *scaled, axis=1)
    values = np.concatenate([part.values for part in parts]).T
    scales = np.concatenate([part.scales for part in parts]).T
    if form is Format.INT8:
        codes = builder.op("Cast", builder.weight(name, values), to=TensorProto.FLOAT)
        return builder.op("Mul", codes, builder.weight(f"{name}.s", scales))
    codes = _unpacked(builder, builder.weight(name, pack(values, axis=0)), axis=0)
    groups, outputs = scales.shape
    apart = builder.op("Reshape", codes, builder.constant(np.array([groups, GROUP, outputs], np.int64)))
    factors = builder.op("Cast", builder.weight(f"{name}.s", scales[:, None]), to=TensorProto.FLOAT)
    restored = builder.op("Mul", apart, factors)
    return builder.op("Reshape", restored, builder.constant(np.array(values.shape, np.int64)))


def _layer_norm(builder: _Builder, name: str, value: str, norm: nn.LayerNorm) -> str:
    scale, bias = builder.weight(f"{name}.g", _numpy(norm.weight)), builder.weight(f"{name}.b", _numpy(norm.bias))
    return builder.op("LayerNormalization", value, scale, bias, axis=-1, epsilon=norm.eps)


def _model(builder: _Builder, inputs: Sequence[str], output: str, width: int) -> onnx.ModelProto:
    taken = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs]
    given = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", width])
    graph = helper.make_graph(builder.nodes, "student", taken, [given], builder.initializers)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="model-build", ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model


def _initializer(value: NDArray[Any] | np.generic, name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().numpy(), dtype=np.float32)
