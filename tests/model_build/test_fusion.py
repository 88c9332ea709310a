import numpy as np
import pytest
import torch

from model_build.fusion import cosine_transform, fuse, lift, shorten
from model_build.student import embed
from tests.model_build.students import rows, student


@pytest.mark.parametrize(("weighted", "first", "width"), [(False, False, 32), (True, False, 32), (True, True, 56)])
def test_the_device_s_form_keeps_every_cosine_in_the_pooling_s_dimensions(
    weighted: bool, first: bool, width: int
) -> None:
    model = student(teacher_dimension=64, weighted=weighted, first=first)
    whole, small = embed(model, rows()), embed(fuse(model), rows())
    assert (whole.shape[1], small.shape[1]) == (64, width)
    assert np.allclose(whole @ whole.T, small @ small.T, atol=1e-5)


def test_lifted_vectors_are_the_student_s_own() -> None:
    model = student()
    assert np.allclose(embed(fuse(model), rows()) @ lift(model).numpy().T, embed(model, rows()), atol=1e-5)


def test_the_head_s_rows_are_even() -> None:
    model = student()
    with torch.no_grad():  # a product that is close to orthogonal, as a trained one is
        model.adapter.weight.copy_(torch.linalg.qr(torch.randn(48, 32)).Q)
        model.task_layer.weight.copy_(torch.eye(48))
    weight = fuse(model).head.weight
    assert (weight.abs().amax(1) / weight.square().mean(1).sqrt()).mean() < 2  # sqrt(32) if it were not turned


def test_the_cosine_transform_is_orthogonal() -> None:
    waves = cosine_transform(5)
    assert torch.allclose(waves @ waves.T, torch.eye(5, dtype=torch.float64))


def test_fusing_leaves_the_student_as_it_was() -> None:
    model = student()
    before = embed(model, rows())
    shorten(fuse(model), 12)
    assert np.array_equal(embed(model, rows()), before)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_device_that_reads_less_computes_the_same_for_what_it_reads(weighted: bool) -> None:
    known = rows(longest=8)
    whole, short = (fuse(student(weighted=weighted)) for _ in range(2))
    shorten(short, 12)
    assert np.allclose(embed(whole, known), embed(short, known), atol=1e-6)
    assert short.encoder.embeddings.position_embeddings.weight.shape[0] == 12
    assert short.encoder.config.max_position_embeddings == 12
