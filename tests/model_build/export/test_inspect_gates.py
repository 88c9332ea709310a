from model_build.export.inspect_gates import gates_of
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
