from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.fusion import fuse
from model_build.journal import Journal
from model_build.quantization import MODULES, measure_tuned, schemes_of, simulate
from model_build.recipe import QuantizationRecipe
from model_build.student import embed
from model_build.teacher import FrozenFeatures, identity_layer
from model_build.tuning import Target, student_target, teacher_target, tune
from tests.model_build.students import rows, student


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


@pytest.mark.parametrize(("scheme", "rate"), [("int8", 1e-5), ("int4", 1e-4)])
def test_tuning_brings_the_rounded_student_back_to_fp32(scheme: str, rate: float, journal: Journal) -> None:
    device = fuse(student())
    with torch.no_grad():  # an outlier in every row makes the scales coarse
        device.head.weight[:, 0] *= 60
    recipe = QuantizationRecipe(**dict.fromkeys(MODULES, scheme), tuning_steps=60, tuning_rate=rate)
    before = measure_tuned(device, device, recipe, rows())
    weights = device.head.weight.clone()
    tuned = tune(device, student_target(device, rows()), recipe, rows(), batch_texts=30, seed=1, journal=journal)
    after = measure_tuned(tuned, device, recipe, rows())
    assert after.mean_cosine > before.mean_cosine
    assert torch.equal(device.head.weight, weights)
    # The tuned weights lie on the grid already: rounding them again changes nothing.
    assert np.allclose(embed(tuned, rows()), embed(simulate(tuned, schemes_of(recipe)), rows()), atol=1e-6)


def test_tuning_can_go_on_with_distillation(journal: Journal) -> None:
    model = student()
    goal = np.random.default_rng(0).normal(size=(len(rows()), 48)).astype(np.float16)
    features = FrozenFeatures(goal)
    target = teacher_target(model, identity_layer(48), features)
    recipe = QuantizationRecipe(embeddings="int4", tuning_steps=60, tuning_rate=1e-3)
    device = fuse(model)
    tuned = tune(device, target, recipe, rows(), batch_texts=30, seed=1, journal=journal)

    def agreement(target: Target, vectors: np.ndarray) -> float:
        guide = target.vectors(np.arange(len(rows()))).numpy()
        return float((vectors @ target.lift.numpy().T * guide).sum(1).mean())

    assert agreement(target, embed(tuned, rows())) > agreement(target, embed(device, rows())) + 0.01


def test_a_student_s_target_is_its_own_vectors() -> None:
    device = fuse(student())
    target = student_target(device, rows())
    places = np.array([3, 1, 4])
    assert np.allclose(target.vectors(places).numpy(), embed(device, rows())[places], atol=1e-6)
    assert torch.equal(target.lift, torch.eye(32))


def test_a_teacher_s_target_is_its_vectors_behind_the_task_layer() -> None:
    model = student()
    layer = identity_layer(48)
    with torch.no_grad():
        layer.weight.mul_(3)
    features = FrozenFeatures(np.random.default_rng(0).normal(size=(9, 48)).astype(np.float16))
    target = teacher_target(model, layer, features)
    assert torch.allclose(target.vectors(np.arange(9)), features(np.arange(9)), atol=1e-6)
    assert np.allclose(embed(fuse(model), rows()) @ target.lift.numpy().T, embed(model, rows()), atol=1e-5)
