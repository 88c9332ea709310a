import numpy as np
import pytest
import torch

from model_build.common.batching import embed_rows
from model_build.student.fuse import cosine_transform, device_classifier, fuse, lift, shorten
from tests.model_build.students import rows, student


@pytest.mark.parametrize(("weighted", "first", "width"), [(False, False, 32), (True, False, 32), (True, True, 56)])
def test_the_device_s_form_keeps_every_cosine_in_the_pooling_s_dimensions(
    weighted: bool, first: bool, width: int
) -> None:
    model = student(teacher_dimension=64, weighted=weighted, first=first)
    whole, small = embed_rows(model, rows()), embed_rows(fuse(model), rows())
    assert (whole.shape[1], small.shape[1]) == (64, width)
    assert np.allclose(whole @ whole.T, small @ small.T, atol=1e-5)


def test_lifted_vectors_are_the_student_s_own() -> None:
    model = student()
    assert np.allclose(embed_rows(fuse(model), rows()) @ lift(model).numpy().T, embed_rows(model, rows()), atol=1e-5)


def test_the_head_s_rows_are_even() -> None:
    model = student()
    with torch.no_grad():  # a product that is close to orthogonal, as a trained one is
        model.adapter.weight.copy_(torch.linalg.qr(torch.randn(48, 32)).Q)
        model.projection.weight.copy_(torch.eye(48))
    weight = fuse(model).head.weight
    assert (weight.abs().amax(1) / weight.square().mean(1).sqrt()).mean() < 2  # sqrt(32) if it were not rotated


def test_the_cosine_transform_is_orthogonal() -> None:
    waves = cosine_transform(5)
    assert torch.allclose(waves @ waves.T, torch.eye(5, dtype=torch.float64))


def test_fusing_leaves_the_student_as_it_was() -> None:
    model = student()
    before = embed_rows(model, rows())
    shorten(fuse(model), 12)
    assert np.array_equal(embed_rows(model, rows()), before)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_device_that_reads_less_computes_the_same_for_what_it_reads(weighted: bool) -> None:
    known = rows(longest=8)
    whole, short = (fuse(student(weighted=weighted)) for _ in range(2))
    shorten(short, 12)
    assert np.allclose(embed_rows(whole, known), embed_rows(short, known), atol=1e-6)
    assert short.encoder.embeddings.position_embeddings.weight.shape[0] == 12
    assert short.encoder.config.max_position_embeddings == 12


def test_the_first_task_s_classifier_is_exact_on_the_device() -> None:
    model = student(tasks=2)
    assert model.pair_classifier is not None
    torch.nn.init.normal_(model.pair_classifier.weight, std=10.0)
    torch.nn.init.normal_(model.pair_classifier.bias)
    rotated = device_classifier(model.pair_classifier, lift(model))
    whole, small = (torch.from_numpy(embed_rows(form, rows())) for form in (model, fuse(model)))
    task = torch.zeros(30, dtype=torch.int64)
    expected = model.pair_logits(whole, task)
    assert torch.allclose(rotated(small[:30], small[30:], task), expected, atol=1e-4)
    assert expected.std() > 0.1
    assert torch.allclose(whole @ whole.T, small @ small.T, atol=1e-5)


def test_a_plain_cosine_stays_one_on_the_device() -> None:
    classifier = student(tasks=1).pair_classifier
    assert classifier is not None
    rotated = device_classifier(classifier, lift(student()))
    assert torch.allclose(rotated.weight, torch.full((1, 32), float(classifier.weight[0, 0].detach())), atol=1e-4)
