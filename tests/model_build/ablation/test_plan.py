from collections.abc import Sequence
from pathlib import Path

import pytest

from model_build.ablation.plan import Plan, make_plan, resolve
from model_build.ablation.variants import Group, Variant
from model_build.common.errors import AblationError, RecipeError
from model_build.recipe import load_recipe
from tests.model_build.materials import RECIPES

SMOKE = RECIPES / "smoke.toml"
ABLATION = RECIPES / "ablation.toml"


def planned(overrides: Sequence[str] = (), *chosen: str, path: Path = ABLATION) -> Plan:
    return make_plan(path, overrides, seeds=3, chosen=chosen)


def compared(plan: Plan, name: str) -> tuple[str, ...]:
    return {one.name: one for group in plan.groups for one in group.variants}[name].against


def test_the_shipped_recipe_leaves_nothing_out() -> None:
    plan = planned()
    assert plan.left_out == {}
    assert plan.seeds == (17, 18, 19)
    assert "top-layer" not in plan.trials  # it must be asked for
    assert planned((), "top-layer").trials["top-layer"].recipe.teacher.trainable_layers == 1


def test_variants_have_the_budget_of_the_recipe() -> None:
    plan = planned()
    for trial in plan.trials.values():
        assert trial.recipe.distillation.steps == plan.recipe.distillation.steps
        assert trial.recipe.distillation.batch_texts == plan.recipe.distillation.batch_texts
        # What these three change is what is asked; layers and widths are all alike.
        alike = {"pretraining_steps": 0, "pooling": "mean", "pooled_states": "last"}
        assert trial.recipe.student.model_copy(update=alike) == plan.recipe.student.model_copy(update=alike)


def test_variants_change_what_they_say() -> None:
    trials = planned().trials
    halves = {name: trials[name].recipe.distillation for name in ("one-way", "integration", "interplay", "cross")}
    switches = [(one.parameter_integration, one.mutual_interplay) for one in halves.values()]
    assert switches == [(False, False), (True, False), (False, True), (True, True)]
    assert trials["teacher-fast"].recipe.distillation.teacher_learning_rate == pytest.approx(1e-3)
    assert trials["frequency-half"].recipe.vocabulary.size == 3600
    assert trials["int4"].recipe.quantization.head == "int4"
    assert trials["mixture"].recipe.quantization == planned().recipe.quantization


def test_a_quantized_student_is_trained_as_the_one_that_it_is() -> None:
    one_way = ["distillation.parameter_integration=false", "distillation.mutual_interplay=false"]
    trials = planned(one_way).trials
    assert trials["int8"].recipe.distillation == trials["cross"].recipe.distillation
    assert trials["int8"].recipe.distillation.mutual_interplay


def test_a_student_is_rounded_for_the_recipes_schemes_whatever_it_is_quantized_to() -> None:
    trial = planned().trials["mixture-rounded"]
    assert trial.student is not None
    assert trial.student.variant.name == "rounded"
    assert trial.student.recipe.distillation.qat_fraction == 0.2
    assert trial.student.recipe.quantization == planned().recipe.quantization
    always = planned(["distillation.qat_fraction=0.2"])
    assert always.left_out["rounded"] == "with this recipe it equals cross"
    assert always.left_out["mixture-rounded"] == "with this recipe it equals mixture"


def test_chosen_variants_bring_what_they_are_compared_with_and_no_more() -> None:
    assert list(planned((), "integration").trials) == ["one-way", "integration"]
    assert list(planned((), "int8").trials) == ["cross", "float32", "int8"]
    plan = planned((), "frequency")
    assert list(plan.trials) == ["cross", "frequency"]
    assert compared(plan, "cross") == ()


def test_what_would_be_done_twice_is_left_out_and_its_like_compared() -> None:
    plan = planned(["vocabulary.importance=frequency", "quantization.embeddings=int8", "student.pretraining_steps=0"])
    assert plan.left_out["frequency"] == "with this recipe it equals cross"
    assert plan.left_out["no-pretraining"] == "with this recipe it equals cross"
    assert plan.left_out["mixture"] == "with this recipe it equals int8"
    assert compared(plan, "frequency-half") == ("attention-half",)


def test_a_left_out_reference_is_replaced() -> None:
    group = Group(
        "g",
        (
            Variant("a", "?", (), ()),
            Variant("b", "?", ("seed=17",), ()),
            Variant("c", "?", ("distillation.steps=9",), ("b", "a")),
        ),
    )
    plan = make_plan(ABLATION, (), seeds=2, groups=(group,))
    assert compared(plan, "c") == ("a",)


def test_what_the_recipe_can_not_hold_is_left_out_unless_asked_for() -> None:
    odd = ["student.hidden_size=90"]
    assert "multiples of 32" in planned(odd).left_out["int4"]
    with pytest.raises(RecipeError, match="multiples of 32"):
        planned(odd, "int4")


def test_an_unknown_variant_is_reported_with_those_that_there_are() -> None:
    with pytest.raises(AblationError, match=r"no variant 'both'; the variants are one-way, integration, "):
        planned((), "both")


@pytest.mark.parametrize("override", ["seed=3", "corpus.query_share=0.5", "teacher.projection_steps=1"])
def test_what_all_share_no_variant_may_change(override: str) -> None:
    group = Group("g", (Variant("odd", "?", (override,), ()),))
    with pytest.raises(AblationError, match=f"odd changes {override.partition('=')[0].partition('.')[0]}, which all"):
        make_plan(ABLATION, (), seeds=2, groups=(group,))


def test_factors_multiply_the_recipes_number() -> None:
    recipe = load_recipe(SMOKE)
    assert resolve("vocabulary.size*=0.5", recipe) == "vocabulary.size=300"
    assert resolve("distillation.teacher_learning_rate*=10", recipe) == "distillation.teacher_learning_rate=0.0002"
    assert resolve("distillation.steps=3", recipe) == "distillation.steps=3"
    for wrong in ("distillation.mutual_interplay*=2", "name*=2", "distillation.stepz*=2"):
        with pytest.raises(AblationError, match="is not a number of the recipe"):
            resolve(wrong, recipe)
