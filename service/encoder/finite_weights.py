"""Checks that all numbers in a graph are finite: a bad scale may spoil only texts with a certain token.

A trial run does not show it, since it has few tokens. The weights are read from the file, a message of onnx.proto
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), from which the field numbers below are taken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from service.artifact.artifact import MOST_FILE_BYTES, ArtifactError
from service.encoder.protobuf import WireError, fields, low_bits, number_of
from service.files.printable import printable
from service.files.regular import explained, read_file

_Kind = Literal["model", "graph", "function", "node", "attribute", "sparse tensor", "tensor"]

# For each kind of message, the fields that may contain tensors.
_WITHIN: Mapping[_Kind, Mapping[int, _Kind]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor"},
}
_NODE_OUTPUT = 2
_TYPE, _FLOATS, _INTS, _NAME, _RAW, _DOUBLES, _LOCATION = 2, 4, 5, 8, 9, 10, 14
_EXTERNAL = 1
_DEEPEST = 100  # nested messages; the limit of protobuf libraries, too
_LONGEST_NAME = 100


@dataclass(frozen=True)
class _Floats:
    """A format of floats: the unsigned type of the same size, and the exponent's mask.

    All bits of the exponent are set in numbers that are not finite.
    """

    bits: str
    exponent: int

    def are_finite(self, data: bytes) -> bool:
        bits = np.frombuffer(data, dtype=self.bits)
        exponent = bits.dtype.type(self.exponent)
        return not bool(((bits & exponent) == exponent).any())


_FLOAT16, _BFLOAT16 = _Floats("<u2", 0x7C00), _Floats("<u2", 0x7F80)
_FLOAT32, _FLOAT64 = _Floats("<u4", 0x7F80_0000), _Floats("<u8", 0x7FF0_0000_0000_0000)
# The formats of raw bytes and of lists of integers, by tensor type. A complex number is two floats.
_OF_RAW = {1: _FLOAT32, 10: _FLOAT16, 11: _FLOAT64, 14: _FLOAT32, 15: _FLOAT64, 16: _BFLOAT16}
_OF_INTS = {10: _FLOAT16, 16: _BFLOAT16}


@dataclass
class _Tensor:
    """A tensor, with its own name or that of its node's output; its type by onnx.proto, its encoded numbers by field.

    It is `external` if its numbers are in another file.
    """

    name: str
    type: int = 0
    external: bool = False
    parts: Mapping[int, list[memoryview]] = field(
        default_factory=lambda: {part: [] for part in (_RAW, _FLOATS, _DOUBLES, _INTS)}
    )

    def is_finite(self) -> bool:
        """Whether all its floats are finite."""
        return all(self._is_finite(part, b"".join(found)) for part, found in self.parts.items() if found)

    def _is_finite(self, part: int, data: bytes) -> bool:
        if part == _INTS:
            floats = _OF_INTS.get(self.type)
            return floats is None or floats.are_finite(low_bits(data).tobytes())
        floats = {_RAW: _OF_RAW.get(self.type), _FLOATS: _FLOAT32, _DOUBLES: _FLOAT64}[part]
        return floats is None or floats.are_finite(data)


def check_finite(path: Path) -> None:
    """Refuse a graph with numbers that are not finite, or that are in another file, without a checksum.

    Raises:
        ArtifactError: there are such numbers, or the file is not a graph.
    """
    with explained(path, ArtifactError):
        model = read_file(path, most=MOST_FILE_BYTES)
    try:
        for tensor in _tensors(memoryview(model)):
            if tensor.external:
                raise ArtifactError(f"{path} is not valid: the numbers of {tensor.name!r} are in another file")
            if not tensor.is_finite():
                raise ArtifactError(f"{path} is not valid: {tensor.name!r} has numbers that are not finite")
    except (WireError, ValueError):
        raise ArtifactError(f"{path} is not valid: its bytes are not those of an ONNX graph") from None


def _tensors(model: memoryview) -> Iterator[_Tensor]:
    """All tensors of a model, weights and constants."""
    waiting: list[tuple[_Kind, memoryview, str, int]] = [("model", model, "", 1)]
    while waiting:
        kind, message, name, depth = waiting.pop()
        if depth > _DEEPEST:
            raise WireError("messages are nested too deeply")
        if kind == "tensor":
            yield _tensor(message, name)
            continue
        parts = [(number, value) for number, _, value in fields(message)]
        if kind == "node":
            name = next((_text(value) for number, value in parts if number == _NODE_OUTPUT), name)
        within = _WITHIN[kind]
        waiting += [(within[number], value, name, depth + 1) for number, value in parts if number in within]


def _tensor(message: memoryview, name: str) -> _Tensor:
    tensor = _Tensor(name)
    for number, _, value in fields(message):
        if number in tensor.parts:
            tensor.parts[number].append(value)
        elif number == _NAME:
            tensor.name = _text(value) or name
        elif number == _TYPE:
            tensor.type = number_of(value)
        elif number == _LOCATION:
            tensor.external = number_of(value) == _EXTERNAL
    return tensor


def _text(value: memoryview) -> str:
    return printable(bytes(value[:_LONGEST_NAME]).decode("utf-8", "replace"))
