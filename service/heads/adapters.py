"""A pack's adapters in `adapters.bin`: of each linear layer of the model, in the graph's order, little-endian.

int8 `[in, rank]`     codes of A; a number is its code times its column's scale
int8 `[rank, out]`    codes of B; a number is its code times its row's scale
float32 `[rank]`      scales of A's columns
float32 `[rank]`      scales of B's rows
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

Scheme = Literal["int8, a float32 scale a column"]
SCHEME: Scheme = "int8, a float32 scale a column"
_FLOAT = np.dtype("<f4")


@dataclass(frozen=True)
class QuantizedAdapter:
    """The adapter of a layer, of the shapes above."""

    down: NDArray[np.int8]
    up: NDArray[np.int8]
    down_scales: NDArray[np.float32]
    up_scales: NDArray[np.float32]

    @classmethod
    def from_bytes(cls, data: bytes, rank: int, layer: tuple[int, int]) -> Self:
        """Unpack `byte_count(rank, [layer])` bytes."""
        codes = np.frombuffer(data, dtype=np.int8, count=rank * sum(layer))
        down, up = np.split(codes, [rank * layer[0]])
        down_scales, up_scales = np.frombuffer(data, dtype=_FLOAT, offset=len(codes)).astype(np.float32).reshape(2, -1)
        return cls(down.reshape(-1, rank), up.reshape(rank, -1), down_scales, up_scales)

    def to_bytes(self) -> bytes:
        """Pack it for `from_bytes`."""
        scales = np.concatenate([self.down_scales, self.up_scales]).astype(_FLOAT)
        return self.down.tobytes() + self.up.tobytes() + scales.tobytes()

    def matrices(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Dequantize: float32 A `[in, rank]` and B `[rank, out]`."""
        return self.down * self.down_scales, self.up * self.up_scales[:, None]


def byte_count(rank: int, layers: Sequence[tuple[int, int]]) -> int:
    """Size of `adapters.bin`, given the inputs and the outputs of each layer."""
    return sum(rank * (inputs + outputs + 2 * _FLOAT.itemsize) for inputs, outputs in layers)


def read_adapters(data: bytes, rank: int, layers: Sequence[tuple[int, int]]) -> list[QuantizedAdapter]:
    """Unpack `byte_count(rank, layers)` bytes."""
    adapters, place = [], 0
    for layer in layers:
        size = byte_count(rank, [layer])
        adapters.append(QuantizedAdapter.from_bytes(data[place : place + size], rank, layer))
        place += size
    return adapters
