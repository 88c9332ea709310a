from functools import partial
from pathlib import Path

import pytest

from model_build.errors import BudgetError
from model_build.estimate import advice, check_shape_fits, estimate_bytes, estimate_seconds
from model_build.publication import check_budget
from model_build.recipe import Recipe, load_recipe
from model_build.teacher import Teacher
from service.artifact import load_artifact
from tests.model_build.materials import RECIPES


def test_the_graph_s_bytes_are_exact(smoke: Recipe, smoke_run: Path) -> None:
    manifest = load_artifact(smoke_run / "artifact").manifest
    sizes = estimate_bytes(smoke)
    assert sizes.graph == manifest.files["onnx/model_int8.onnx"].bytes
    assert sizes.modules == manifest.quantization
    assert sizes.ranker == manifest.files["ranker.json"].bytes


def test_the_released_shape_fits_and_a_larger_one_does_not() -> None:
    assert 1_700_000 < estimate_bytes(load_recipe(RECIPES / "cpu.toml")).total <= 1_910_000
    with pytest.raises(BudgetError, match=r"lower vocabulary\.size to about 1\d,\d{3}, or the student's shape"):
        check_shape_fits(load_recipe(RECIPES / "cpu.toml", ["vocabulary.size=30000"]))


def test_4_bits_halve_the_token_table() -> None:
    eight, four = (
        estimate_bytes(load_recipe(RECIPES / "cpu.toml", [f"quantization.embeddings={scheme}"]))
        for scheme in ("int8", "int4")
    )
    shape = load_recipe(RECIPES / "cpu.toml")
    pieces, columns = shape.vocabulary.size, shape.student.embedding_size
    assert eight.modules["embeddings"].bytes - four.modules["embeddings"].bytes == pieces * (columns // 2 + 2)
    assert four.modules["embeddings"].scheme == "int4, a float16 scale a row; rest int8, a float32 scale a row"
    assert abs(eight.graph - four.graph - pieces * (columns // 2 + 2)) < 500


def test_time_grows_with_the_steps(smoke: Recipe, teacher: Teacher) -> None:
    longer = smoke.model_copy(update={"distillation": smoke.distillation.model_copy(update={"steps": 10**6})})
    files = [Path("texts.txt")]
    short, long = (estimate_seconds(one, teacher, (), files)["distillation"] for one in (smoke, longer))
    assert long > 100 * short  # a small part of the ratio of their steps: both are timed, on a machine that may be busy


def test_what_is_over_its_budget_is_told_which_vocabulary_would_fit() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml", ["vocabulary.size=5000", "gates.byte_budget=150000"])
    with pytest.raises(BudgetError, match=r"lower vocabulary\.size to about [\d,]+, or the student's shape$") as told:
        check_budget(estimate_bytes(recipe).total, recipe.gates.byte_budget, partial(advice, recipe))
    size = str(told.value).split("about ")[1].split(", or")[0].replace(",", "")
    fitting = load_recipe(RECIPES / "smoke.toml", [f"vocabulary.size={size}"])
    assert 0.99 * recipe.gates.byte_budget < estimate_bytes(fitting).total <= recipe.gates.byte_budget
