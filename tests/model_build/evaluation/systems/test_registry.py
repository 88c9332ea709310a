from pathlib import Path

from model_build.common.log import Journal
from model_build.common.systems import Role
from model_build.evaluation.result import from_json
from model_build.evaluation.systems.registry import systems
from model_build.recipe import EvaluationRecipe, Recipe
from model_build.run.context import Context
from model_build.run.stages import evaluation
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs


def test_systems_come_in_the_order_of_the_tables(smoke_run: Path) -> None:
    teachers = [FakeSystem("first", Role.TEACHER), FakeSystem("second", Role.TEACHER)]
    fp32 = smoke_run / "07-export" / "fp32.onnx"
    names = [system.name for system in systems(smoke_run / "artifact", fp32=fp32, teachers=teachers)]
    own, whole, *others = names
    assert whole == f"{own} fp32"
    assert others == ["first", "second", "WordLlama 64", "WordLlama 256", "BM25", "random"]


def test_an_artifact_may_stand_alone(smoke_run: Path) -> None:
    (system,) = systems(smoke_run / "artifact", baselines=False)
    assert system.role is Role.ARTIFACT


def test_a_build_measures_the_artifact_beside_fp32_and_its_teacher(
    smoke: Recipe, smoke_run: Path, tmp_path: Path
) -> None:
    write_pairs(tmp_path, "mrpc")
    recipe = smoke.model_copy(update={"evaluation": EvaluationRecipe(tasks=("mrpc",))})
    evaluation.run(Context(recipe, tmp_path, smoke_run, Journal(tmp_path / "journal.jsonl")), tmp_path)
    result = from_json((tmp_path / "evaluation.json").read_text())
    assert [system.role for system in result.systems][:3] == [Role.ARTIFACT, Role.FP32, Role.TEACHER]
    assert result.kept(recipe.name, result.fp32, "mrpc") is not None

    alone = recipe.model_copy(update={"evaluation": EvaluationRecipe(tasks=("mrpc",), baselines=False)})
    evaluation.run(Context(alone, tmp_path, smoke_run, Journal(tmp_path / "journal.jsonl")), tmp_path)
    result = from_json((tmp_path / "evaluation.json").read_text())
    assert [system.role for system in result.systems] == [Role.ARTIFACT, Role.FP32]
