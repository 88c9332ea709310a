from pathlib import Path

import numpy as np
import torch

from model_build.formats import Format
from model_build.fusion import fuse
from model_build.journal import Journal
from model_build.quantization import (
    MODULES,
    format_of,
    matrices,
    measure_sensitivity,
    schemes_of,
    simulate,
    tune,
)
from model_build.recipe import QuantizationRecipe
from model_build.student import embed
from tests.model_build.students import rows, student


def test_every_matrix_belongs_to_a_module() -> None:
    device = fuse(student())
    named = {name for layers in matrices(device).values() for name, _ in layers}
    large = {name.removesuffix(".weight") for name, value in device.named_parameters() if value.ndim == 2}
    assert large - named == {"encoder.embeddings.token_type_embeddings"}
    assert [len(matrices(device)[module]) for module in MODULES] == [3, 8, 4, 1]


def test_in_4_bits_only_the_tokens_of_the_embeddings_are() -> None:
    names = ("word_embeddings", "position_embeddings", "embeddings_project", "dense")
    forms = [Format.INT4, Format.INT8, Format.INT8, Format.INT4_GROUPED]
    assert [format_of(name, "int4") for name in names] == forms


def test_only_the_named_modules_change_and_the_original_stays() -> None:
    device = fuse(student())
    before = embed(device, rows())
    full = dict.fromkeys(MODULES, "float32")
    assert np.array_equal(embed(simulate(device, full), rows()), before)
    assert not np.array_equal(embed(simulate(device, full | {"head": "int8"}), rows()), before)
    assert np.array_equal(embed(device, rows()), before)


def test_sensitivity_has_a_row_a_module_and_one_for_all() -> None:
    table = measure_sensitivity(fuse(student()), QuantizationRecipe(head="float32"), rows())
    assert [row.module for row in table] == [*MODULES, "all"]
    assert table[3].mean_cosine > 0.999999  # the head stays float32
    assert 0.99 < table[4].mean_cosine < 1
    assert table[4].least_cosine <= table[4].mean_cosine


def test_tuning_brings_the_rounded_student_back_to_fp32(tmp_path: Path) -> None:
    device = fuse(student())
    with torch.no_grad():  # an outlier in every row makes the scales coarse
        device.head.weight[:, 0] *= 60
    recipe = QuantizationRecipe(tuning_steps=60)
    schemes, reference = schemes_of(recipe), embed(device, rows())
    before = float((embed(simulate(device, schemes), rows()) * reference).sum(1).mean())
    tuned = tune(device, recipe, rows(), batch_texts=30, seed=1, journal=Journal(tmp_path / "journal.jsonl"))
    after = float((embed(simulate(tuned, schemes), rows()) * reference).sum(1).mean())
    assert after > before
    # The tuned weights lie on the grid already: rounding them again changes nothing.
    assert np.allclose(embed(tuned, rows()), embed(simulate(tuned, schemes), rows()), atol=1e-6)
