from pathlib import Path

import pytest

from model_build.common.errors import BudgetError
from model_build.recipe import Recipe, load_recipe
from model_build.run.estimate import TOKEN_BYTES, check_fits, estimate_bytes, estimate_seconds, least_bytes
from model_build.teacher.model import Teacher
from service.artifact.artifact import load_artifact
from tests.model_build.materials import RECIPES


def test_the_graph_s_bytes_are_exact(smoke: Recipe, smoke_run: Path) -> None:
    manifest = load_artifact(smoke_run / "artifact").manifest
    sizes = estimate_bytes(smoke)
    assert sizes.graph == manifest.files["onnx/model_int8.onnx"].bytes
    assert sizes.modules == manifest.quantization
    assert sizes.ranker == manifest.files["ranker.json"].bytes


def test_the_released_shape_fits() -> None:
    assert 1_700_000 < estimate_bytes(load_recipe(RECIPES / "cpu.toml")).total <= 1_910_000


def test_4_bits_halve_the_token_table() -> None:
    eight, four = (
        estimate_bytes(load_recipe(RECIPES / "cpu.toml", [f"quantization.embeddings={scheme}"]))
        for scheme in ("int8", "int4")
    )
    shape = load_recipe(RECIPES / "cpu.toml")
    tokens, columns = shape.vocabulary.size, shape.student.embedding_size
    assert eight.modules["embeddings"].bytes - four.modules["embeddings"].bytes == tokens * (columns // 2 + 2)
    assert four.modules["embeddings"].scheme == "int4, a float16 scale a row; rest int8, a float32 scale a row"
    assert abs(eight.graph - four.graph - tokens * (columns // 2 + 2)) < 500


def test_time_grows_with_the_steps(smoke: Recipe, teacher: Teacher) -> None:
    longer = smoke.model_copy(update={"distillation": smoke.distillation.model_copy(update={"steps": 10**6})})
    files = [Path("texts.txt")]
    short, long = (estimate_seconds(one, teacher, (), files)["distillation"] for one in (smoke, longer))
    assert long > 100 * short  # a small part of the ratio of their steps: both are timed, on a machine that may be busy


def test_the_largest_vocabulary_that_fits_is_reported_and_fits() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml", ["vocabulary.size=9000", "gates.byte_budget=200000"])
    sizes = estimate_bytes(recipe)
    with pytest.raises(
        BudgetError, match=r"over gates\.byte_budget \(200,000\); lower vocabulary\.size to about"
    ) as caught:
        check_fits(recipe, sizes, sizes.vocabulary)
    told = int(str(caught.value).split("about ")[1].split(", or")[0].replace(",", ""))
    fits, larger = (
        estimate_bytes(load_recipe(RECIPES / "smoke.toml", [f"vocabulary.size={size}"])).total
        for size in (told, told + 200)
    )
    assert fits <= 200_000 < larger


def test_a_shape_that_no_vocabulary_fits_beside_is_reported() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml", ["gates.byte_budget=30000"])
    with pytest.raises(BudgetError, match=r"300 tokens, the least for a vocabulary, take about \d\d,\d\d\d with"):
        check_fits(recipe, estimate_bytes(recipe), vocabulary=0)


def test_tokens_longer_than_estimated_make_a_smaller_vocabulary() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml")
    sizes = estimate_bytes(recipe)
    tight = recipe.model_copy(update={"gates": recipe.gates.model_copy(update={"byte_budget": sizes.total})})
    check_fits(tight, sizes, sizes.vocabulary, manifest=sizes.manifest)
    with pytest.raises(BudgetError, match=r"lower vocabulary\.size to about 500"):
        check_fits(tight, sizes, 2 * sizes.vocabulary, manifest=sizes.manifest)


def test_a_vocabulary_takes_at_least_what_its_shortest_tokens_take() -> None:
    assert least_bytes(["long token", "a", "中", "##b"], 3) == 2 + 4 + 4
    assert TOKEN_BYTES > 4
