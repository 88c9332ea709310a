import json
from pathlib import Path

import pytest

from model_build.common.errors import RecipeError
from model_build.recipe.arms import ArmsPlan
from model_build.tasks.ablation import run_arms
from model_build.tasks.arms import ARMS, DISTILLED, LABELS
from model_build.tasks.report import JSON, MARKDOWN, write_arms
from tests.model_build.tasks.materials import write_classifier
from tests.model_build.tasks.recipes import DISTILLATION, task_recipe


def plan_of(tables: Path, teacher: Path, start: Path, arms: tuple[str, ...], tasks: int = 2) -> ArmsPlan:
    recipe = task_recipe(tables, teacher, start)
    planned = {"task": recipe.task, "teacher": recipe.teacher, "student": recipe.student, "arms": arms}
    return ArmsPlan.model_validate(
        {
            "name": "plan",
            "seeds": [1, 2],
            "rates": [0.001, 0.003],
            "threads": 1,
            "distillation": DISTILLATION | {"steps": 3, "qat_fraction": 0.0},
            "tasks": {f"task-{number}": planned for number in range(tasks)},
        }
    )


def test_arms_are_compared_by_task_and_over_all_and_nothing_is_trained_twice(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    plan = plan_of(tables, teacher_folder, smoke_run / "artifact", (LABELS, DISTILLED, "early-teacher"))
    rows, teachers = run_arms(plan, Path("/"), tmp_path)
    trained = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("rate-*.json")}
    assert len(trained) == 2 * 3 * 3  # two rates with the first seed, the better one with the second
    again, _ = run_arms(plan, Path("/"), tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("rate-*.json")} == trained
    assert again == rows
    shown = {(row.task, row.arm): row for row in rows}
    assert [row.task for row in rows[-2:]] == ["all 2", "all 2"]  # integrated, its reference, was left out
    distilled, labels = shown["task-0", DISTILLED], shown["task-0", LABELS]
    assert distilled.test is not None
    assert labels.test is not None
    assert distilled.difference is not None
    assert distilled.difference.estimate.mean == pytest.approx(distilled.test.mean - labels.test.mean)
    assert labels.difference is None
    assert 0 <= float(str(teachers["task-0"]["test"])) <= 1
    write_arms(rows, teachers, tmp_path)
    assert f"| task-0 | {DISTILLED} |" in (tmp_path / MARKDOWN).read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / JSON).read_text(encoding="utf-8"))["arms"]) == len(rows)


def test_another_rate_of_the_plan_is_trained_anew(
    tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path
) -> None:
    plan = plan_of(tables, teacher_folder, smoke_run / "artifact", (LABELS,), tasks=1)
    run_arms(plan, Path("/"), tmp_path)
    longer = plan.model_copy(update={"distillation": plan.distillation.model_copy(update={"steps": 4})})
    before = {path: path.read_bytes() for path in tmp_path.rglob("rate-*.json")}
    run_arms(longer, Path("/"), tmp_path)
    assert all(path.read_bytes() != contents for path, contents in before.items())


def test_impossible_plans_are_refused(tables: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path) -> None:
    start = smoke_run / "artifact"
    with pytest.raises(RecipeError, match="there is no arm 'none'; the arms are labels, "):
        run_arms(plan_of(tables, teacher_folder, start, ("none",)), Path("/"), tmp_path / "run")
    classifier = write_classifier(tmp_path / "classifier", teacher_folder, "bert", {0: "bird", 1: "cat", 2: "dog"})
    with pytest.raises(RecipeError, match="early-teacher needs a teacher that is fine-tuned here"):
        run_arms(plan_of(tables, classifier, start, ("early-teacher",)), Path("/"), tmp_path / "run")


def test_every_arm_is_a_valid_recipe_and_compared_with_another() -> None:
    base = ArmsPlan.model_fields["distillation"].default
    assert len({arm.recipe(base).model_dump_json() + str(arm.early) for arm in ARMS.values()}) == len(ARMS)
    assert all(arm.against is None or arm.against in ARMS for arm in ARMS.values())
