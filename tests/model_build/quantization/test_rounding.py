import numpy as np
import pytest
import torch

from model_build.quantization.rounding import FakeQuantization, Format, Quantized, pack, quantize, stored_bytes

ROUNDED = [form for form in Format if form is not Format.FLOAT32]


def restored(quantized: Quantized) -> np.ndarray:
    rows, columns = quantized.values.shape
    scales = quantized.scales.astype(np.float32)
    return (quantized.values.reshape(rows, scales.shape[1], -1) * scales[:, :, None]).reshape(rows, columns)


def weights(rows: int = 40, columns: int = 64) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(0))


def test_in_8_bits_a_row_is_rounded_by_its_own_scale() -> None:
    weight = torch.tensor([[1.0, -0.5, 0.0], [0.001, 0.0005, -0.001], [0.0, 0.0, 0.0]])
    quantized = quantize(weight, Format.INT8)
    assert quantized.values.tolist() == [[127, -64, 0], [127, 64, -127], [0, 0, 0]]
    assert np.all(np.abs(restored(quantized) - weight.numpy()) <= quantized.scales / 2 + 1e-9)


def test_a_single_scale_suits_the_largest_row_alone() -> None:
    quantized = quantize(torch.tensor([[127.0, -64.0], [1.2, 0.0]]), Format.INT8_TENSOR)
    assert quantized.values.tolist() == [[127, -64], [1, 0]]
    assert quantized.scales.tolist() == [[1.0]]


def test_in_4_bits_the_greatest_magnitude_is_minus_8_whatever_its_sign() -> None:
    quantized = quantize(torch.tensor([[8.0, -7.0, 1.0, 0.4], [-8.0, 7.0, 1.0, 0.0], [0.0] * 4]), Format.INT4)
    assert quantized.values.tolist() == [[-8, 7, -1, 0], [-8, 7, 1, 0], [0, 0, 0, 0]]
    assert quantized.scales.dtype == np.float16
    assert quantized.scales.tolist() == [[-1.0], [1.0], [1.0]]


def test_in_4_bits_a_range_is_clipped_where_that_loses_less() -> None:
    weight = weights(columns=128).numpy()
    extreme = np.take_along_axis(weight, np.abs(weight).argmax(axis=1)[:, None], axis=1)
    full = (extreme / -8).astype(np.float16).astype(np.float32)
    unclipped = ((np.clip(np.rint(weight / full), -8, 7) * full - weight) ** 2).sum(axis=1)
    chosen = quantize(torch.from_numpy(weight), Format.INT4)
    errors = ((restored(chosen) - weight) ** 2).sum(axis=1)
    assert np.all(errors <= unclipped + 1e-6)
    assert errors.sum() < 0.92 * unclipped.sum()


def test_in_groups_every_32_columns_have_a_scale() -> None:
    weight = torch.cat([torch.full((2, 32), 4.0), torch.full((2, 32), -0.25)], dim=1)
    quantized = quantize(weight, Format.INT4_GROUPED)
    assert quantized.scales.shape == (2, 2)
    assert np.allclose(restored(quantized), weight.numpy())


@pytest.mark.parametrize("form", ROUNDED)
def test_what_tuning_sees_is_what_is_stored(form: Format) -> None:
    assert np.allclose(FakeQuantization(form)(weights()).numpy(), restored(quantize(weights(), form)), atol=1e-6)


@pytest.mark.parametrize("form", ROUNDED)
def test_rounding_again_changes_nothing(form: Format) -> None:
    once = FakeQuantization(form)(weights())
    assert torch.allclose(FakeQuantization(form)(once), once, atol=1e-6)


@pytest.mark.parametrize("form", ROUNDED)
def test_the_gradient_passes_through(form: Format) -> None:
    weight = weights().requires_grad_()
    FakeQuantization(form)(weight).sum().backward()
    assert weight.grad is not None
    assert torch.equal(weight.grad, torch.ones(weight.shape))


def test_fewer_bits_lose_more_and_more_scales_lose_less() -> None:
    def loss(form: Format) -> float:
        return float((FakeQuantization(form)(weights()) - weights()).square().mean())

    assert loss(Format.INT8) < loss(Format.INT8_TENSOR) < loss(Format.INT4_GROUPED) < loss(Format.INT4)
    assert loss(Format.INT4) < 0.0105  # of a normal distribution's variance; 16 even levels at their best: 0.0115


def test_a_byte_holds_a_column_of_each_half() -> None:
    values = np.array([[-8, -1, 7, 0]], dtype=np.int8)
    assert pack(values, axis=1).tolist() == [[0 | 15 << 4, 7 | 8 << 4]]
    assert pack(values.T, axis=0).tolist() == [[0 | 15 << 4], [7 | 8 << 4]]
    with pytest.raises(ValueError, match="even number"):
        pack(values[:, :3], axis=1)


@pytest.mark.parametrize("form", ROUNDED)
def test_bytes_are_those_of_values_and_scales(form: Format) -> None:
    quantized = quantize(weights(), form)
    packed = pack(quantized.values, axis=1) if form in {Format.INT4, Format.INT4_GROUPED} else quantized.values
    assert stored_bytes(quantized.values.shape, form) == packed.nbytes + quantized.scales.nbytes
