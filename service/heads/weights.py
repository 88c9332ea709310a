"""A head's weights in `weights.bin`: little-endian, concatenated.

int8 `[classes, width]`    codes from -127 to 127; a weight is its code times its row's scale
float32 `[classes]`        scales
float32 `[classes]`        biases
"""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

Scheme = Literal["int8, a float32 scale a row"]
SCHEME: Scheme = "int8, a float32 scale a row"
_FLOAT = np.dtype("<f4")


@dataclass(frozen=True)
class QuantizedWeights:
    """Quantized weights, of the shapes above."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    biases: NDArray[np.float32]

    @classmethod
    def from_bytes(cls, data: bytes, *, classes: int, width: int) -> Self:
        """Unpack `byte_count(classes, width)` bytes."""
        codes = np.frombuffer(data, dtype=np.int8, count=classes * width).reshape(classes, width)
        scales, biases = np.frombuffer(data, dtype=_FLOAT, offset=classes * width).reshape(2, classes)
        return cls(codes, scales.astype(np.float32), biases.astype(np.float32))

    def to_bytes(self) -> bytes:
        """Pack them for `from_bytes`."""
        return self.codes.tobytes() + self.scales.astype(_FLOAT).tobytes() + self.biases.astype(_FLOAT).tobytes()

    def matrix(self) -> NDArray[np.float32]:
        """Dequantize: float32 `[classes, width]`."""
        return self.codes * self.scales[:, None]


def byte_count(classes: int, width: int) -> int:
    """Size of `weights.bin`."""
    return classes * (width + 2 * _FLOAT.itemsize)
