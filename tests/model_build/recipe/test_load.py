from pathlib import Path

import pytest

from model_build.common.errors import RecipeError
from model_build.recipe import load_recipe
from model_build.recipe.load import load_any_recipe
from model_build.recipe.task import TaskRecipe
from tests.model_build.materials import RECIPES


@pytest.mark.parametrize(
    ("name", "budget"),
    [
        ("smoke.toml", 1_910_000),
        ("own.toml", 1_910_000),
        ("cpu.toml", 1_910_000),
        ("further.toml", 1_910_000),
        ("chinese.toml", 1_910_000),
        ("megabyte.toml", 1_000_000),
        ("half-megabyte.toml", 500_000),
    ],
)
def test_the_shipped_recipes_load(name: str, budget: int) -> None:
    assert load_recipe(RECIPES / name).gates.byte_budget == budget


@pytest.mark.parametrize("path", sorted((RECIPES / "tasks").glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_recipes_of_tasks_load(path: Path) -> None:
    recipe = load_any_recipe(path)
    assert isinstance(recipe, TaskRecipe)
    assert recipe.name == path.stem
    assert recipe.gates.byte_budget == 1_910_000


def test_overrides_are_toml_values_or_bare_words() -> None:
    recipe = load_recipe(
        RECIPES / "smoke.toml",
        ["distillation.steps=5", "distillation.mutual_interplay=false", "teacher.model=my/teacher", "seed = 3"],
    )
    assert (recipe.distillation.steps, recipe.distillation.mutual_interplay) == (5, False)
    assert (recipe.teacher.model, recipe.seed) == ("my/teacher", 3)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("distillation.stepz=5", r"distillation.stepz: there is no such key; did you mean distillation.steps\?"),
        ("distillation.steps=0", "distillation.steps: Input should be greater than or equal to 1"),
        ("student.attention_heads=5", "student: hidden_size must be a multiple"),
        ("quantization.head=int3", "quantization.head: Input should be 'int8', 'int8-tensor', 'int4' or 'float32'"),
        ("export.max_length=33", "recipe: export.max_length must not exceed student.max_length"),
        ("student.init_from=some/artifact", "student: .* set pretraining_steps to 0"),
        ('teacher.tasks=[{name="a",files=["a"]}]', "teacher: a teacher with tasks can't have an ensemble"),
        ('teacher.tasks=[{name="A b",files=["a"]}]', "teacher.tasks.0.name: String should match pattern"),
        ('evaluation.pairs={a=["a"]}', "recipe: evaluation.pairs names a, which is no task"),
        ("seed", "expected key=value"),
        ("seed.deeper=1", "seed is not a section"),
    ],
)
def test_a_wrong_value_is_named(override: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told) as caught:
        load_recipe(RECIPES / "smoke.toml", [override])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["quantization.embeddings=int4", "student.embedding_size=23"], "int4 needs an even student.embedding_size"),
        (["quantization.head=int4", "student.pooled_states=first-last"], "needs the pooled embedding_size"),
        (["quantization.head=int4", "student.intermediate_size=72"], "intermediate_size to be multiples of 32"),
    ],
)
def test_a_shape_that_4_bits_can_not_hold_is_reported(overrides: list[str], told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        load_recipe(RECIPES / "smoke.toml", overrides)


def test_an_unreadable_recipe_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="can't be read: No such file"):
        load_recipe(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(RecipeError, match="is not valid TOML"):
        load_recipe(broken)
    broken.write_bytes(b"name = '\xff'")
    with pytest.raises(RecipeError, match="is not valid TOML"):
        load_recipe(broken)


def test_tasks_have_names_of_their_own() -> None:
    with pytest.raises(RecipeError, match="two tasks have the same name"):
        load_recipe(RECIPES / "chinese.toml", ['teacher.tasks=[{name="a",files=["a"]},{name="a",files=["b"]}]'])
