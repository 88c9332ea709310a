import numpy as np

from service.heads.adapters import byte_count, read_adapters
from tests.service.artifacts import LAYERS
from tests.service.heads.heads import random_adapters


def test_adapters_are_read_as_they_were_written() -> None:
    written = random_adapters(3)
    data = b"".join(one.to_bytes() for one in written)
    assert len(data) == byte_count(3, LAYERS) == 3 * (16 + 24 + 8) * 2
    for one, other, layer in zip(written, read_adapters(data, 3, LAYERS), LAYERS, strict=True):
        down, up = other.matrices()
        assert (down.shape, up.shape) == ((layer[0], 3), (3, layer[1]))
        assert down.dtype == up.dtype == np.float32
        np.testing.assert_array_equal(down, one.down.astype(np.float32) * one.down_scales)
        np.testing.assert_array_equal(up, one.up.astype(np.float32) * one.up_scales[:, None])


def test_the_layout_is_the_documented_one() -> None:
    (one,) = read_adapters(bytes([1, 2, 3, 255]) + np.array([0.5, 2], "<f4").tobytes(), 1, [(1, 3)])
    assert one.down.tolist() == [[1]]
    assert one.up.tolist() == [[2, 3, -1]]
    assert [matrix.tolist() for matrix in one.matrices()] == [[[0.5]], [[4, 6, -2]]]
