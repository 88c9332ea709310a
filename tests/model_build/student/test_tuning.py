from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.common.log import Journal
from model_build.quantization.schemes import MODULES, measure_tuned, schemes_of, simulate
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import fuse
from model_build.student.model import embed
from model_build.student.tuning import tune
from tests.model_build.students import rows, student


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


@pytest.mark.parametrize(("scheme", "rate", "outlier"), [("int8", 1e-5, 60.0), ("int4", 1e-4, 1.0)])
def test_tuning_brings_the_rounded_student_back_to_fp32(
    scheme: str, rate: float, outlier: float, journal: Journal
) -> None:
    device = fuse(student())
    with torch.no_grad():  # an outlier in every row makes the scales coarse
        device.head.weight[:, 0] *= outlier
    recipe = QuantizationRecipe(**dict.fromkeys(MODULES, scheme), tuning_steps=60, tuning_rate=rate)
    before = measure_tuned(device, device, recipe, rows())
    weights = device.head.weight.clone()
    tuned = tune(device, recipe, rows(), batch_texts=30, seed=1, journal=journal)
    after = measure_tuned(tuned, device, recipe, rows())
    assert after.mean_cosine > before.mean_cosine
    assert torch.equal(device.head.weight, weights)
    # The tuned weights lie on the grid already: rounding them again changes nothing.
    assert np.allclose(embed(tuned, rows()), embed(simulate(tuned, schemes_of(recipe)), rows()), atol=1e-6)
