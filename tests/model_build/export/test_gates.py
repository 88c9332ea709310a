import pytest

from model_build.common.errors import BudgetError, GateError
from model_build.export.gates import check_budget, check_measured, check_quality, gates_of
from model_build.recipe import load_recipe
from service.artifact.artifact import Figure
from tests.model_build.materials import RECIPES
from tests.service.artifacts import manifest_of

FIGURE = Figure(task="stsb", metric="Spearman", value=0.8, split="test", examples=10)


def test_each_gate_is_held_against_what_was_reached() -> None:
    manifest = manifest_of({}).model_copy(update={"quality": (FIGURE,), "device_bytes": 2000})
    overrides = ["gates.byte_budget=1000", "gates.quality={stsb=0.8, msrd=0.5}"]
    gates = gates_of(manifest, load_recipe(RECIPES / "smoke.toml", overrides))
    assert [(gate.name, gate.value, gate.holds) for gate in gates] == [
        ("device bytes", 2000, False),
        ("stsb", 0.8, True),
        ("msrd", None, False),
    ]


def test_without_a_recipe_the_artifact_states_its_budget() -> None:
    (gate,) = gates_of(manifest_of({}), None)
    assert (gate.bound, gate.value, gate.holds) == (1_910_000, 0, True)


def test_a_gate_on_what_will_not_be_measured_is_reported_before() -> None:
    check_measured({"stsb": 0.7}, ["stsb", "mrpc"])
    with pytest.raises(GateError, match=r"gates\.quality\.msrd asks for 0\.7, but what will be measured is stsb, mrpc"):
        check_measured({"msrd": 0.7}, ["stsb", "mrpc"])
    with pytest.raises(GateError, match=r"is nothing, for lack of evaluation\.tasks or of a benchmark"):
        check_measured({"msrd": 0.7}, [])


def test_a_gate_on_what_was_not_measured_stops_the_publication() -> None:
    check_quality({}, None, "student")
    with pytest.raises(GateError, match=r"gates\.quality\.stsb asks for 0\.5, but stsb was not measured"):
        check_quality({"stsb": 0.5}, None, "student")


def test_the_budget_may_be_used_up() -> None:
    check_budget(10, 10)
    with pytest.raises(BudgetError, match=r"take 11 bytes, 1 over gates\.byte_budget \(10\); lower vocabulary\.size"):
        check_budget(11, 10)
