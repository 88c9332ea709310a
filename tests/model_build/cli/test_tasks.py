"""`model-build run` and `ablate-tasks` with the recipes of task models."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from tests.model_build.materials import RECIPES
from tests.model_build.tasks.materials import write_texts

STEPS = (
    *("--set", "teacher.max_length=32", "--set", "student.max_length=24", "--set", "distillation.steps=2"),
    *("--set", "teacher.fine_tuning.epochs=1", "--set", "pack.rank=1", "--set", "pack.distillation.steps=2"),
    *("--set", "quantization.attention=int8", "--set", "quantization.feed_forward=int8", "--set", "threads=1"),
    *("--set", "quantization.embeddings=int8"),
)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    write_texts(tmp_path / "train.tsv", 60)
    write_texts(tmp_path / "test.tsv", 12, seed=1)
    return tmp_path


def invoke(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def run(tables: Path, teacher: Path, start: Path, *more: object) -> tuple[int, str, str]:
    return invoke(
        *("run", RECIPES / "own-classifier.toml", "--data", tables, "--run-dir", tables / "run", *STEPS),
        *("--set", f"teacher.model={teacher}", "--set", f"student.init_from={start}"),
        *("--set", "task.train=train.tsv", "--set", "task.test=test.tsv", *more),
    )


@pytest.mark.usefixtures("undrawn")
def test_a_recipe_with_a_task_becomes_three_classifiers(tables: Path, teacher_folder: Path, smoke_run: Path) -> None:
    code, out, err = run(tables, teacher_folder, smoke_run / "artifact")
    assert code == 0, err
    assert "my-classifier: test, 12 examples" in out
    assert all(way in out for way in ("teacher", "head", "pack", "model"))
    assert f"EDGE_RANK_HEADS={tables / 'run' / '06-comparison' / 'classifiers'}" in out
    assert f"the report: {tables / 'run' / '07-report' / 'report.html'}" in out
    assert "device bytes, revision" in out
    code, out, _ = invoke("inspect", tables / "run" / "artifact")
    assert code == 0
    assert "classification" in out
    assert "bird, cat, dog" in out
    code, out, _ = invoke("inspect", tables / "run" / "05-pack" / "pack")
    assert code == 0
    assert "rank 1" in out
    code, out, _ = invoke("task-table", tables / "run")
    assert code == 0
    assert "| run | pack |" in out
    assert "tasks, and is ahead of the head" in out
    code, out, _ = invoke("task-table", tables / "run", "--output", tables / "table.md")
    assert (code, out.strip()) == (0, str(tables / "table.md"))
    code, _, err = invoke("task-table", tables)
    assert code == 1
    assert "is no finished run of a task model" in err
    report = tables / "run" / "07-report"
    (report / "report.md").unlink()
    code, out, _ = invoke("report", tables / "run")
    assert (code, out.strip()) == (0, str(report / "report.html"))
    assert "# my-classifier\n" in (report / "report.md").read_text(encoding="utf-8")
    (report / "report.json").unlink()
    code, _, err = invoke("report", tables / "run")
    assert (code, err) == (1, f"error: {report} has no report.json; finish the run first\n")
    code, _, err = invoke("card", tables / "run" / "artifact")
    assert code == 1
    assert "is a task model, whose card only its build writes" in err


def test_a_dry_run_reads_everything_and_writes_nothing(tables: Path, teacher_folder: Path, smoke_run: Path) -> None:
    code, out, err = run(tables, teacher_folder, smoke_run / "artifact", "--dry-run")
    assert code == 0, err
    assert "54 training and 6 validation examples, 3 classes of a text" in out
    assert not (tables / "run").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (("--set", "task.train=none.tsv"), "there is no file"),
        (("--set", "distillation.classifier=own"), "set feature_weight to 0"),
        (("--set", "distillation.classifier=shared"), "set teacher_trains to classifier or whole"),
        (("--set", "distillation.step=4"), "did you mean distillation.steps?"),
        (("--set", "pack.ranks=4"), "did you mean pack.rank?"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    changes: tuple[str, ...], told: str, tables: Path, teacher_folder: Path, smoke_run: Path
) -> None:
    code, _, err = run(tables, teacher_folder, smoke_run / "artifact", *changes)
    assert code == 1
    assert told in err
    assert not (tables / "run").exists()


def test_the_plan_of_the_package_is_valid_and_its_arms_are_compared(
    tables: Path, teacher_folder: Path, smoke_run: Path
) -> None:
    plan = tables / "plan.toml"
    plan.write_text(
        f"""
name = "small"
seeds = [1, 2]
rates = [0.001]
threads = 1

[distillation]
steps = 2
qat_fraction = 0.0

[tasks.animals]
arms = ["labels", "simkd"]
task = {{ train = "train.tsv", test = "test.tsv" }}
teacher = {{ model = "{teacher_folder}", max_length = 32, fine_tuning = {{ epochs = 1 }} }}
student = {{ init_from = "{smoke_run / "artifact"}", max_length = 24 }}
""",
        encoding="utf-8",
    )
    code, out, err = invoke("ablate-tasks", plan, "--data", tables, "--run-dir", tables / "run")
    assert code == 0, err
    assert "simkd" in out
    assert "| animals | labels |" in (tables / "run" / "arms.md").read_text(encoding="utf-8")
    code, _, err = invoke("ablate-tasks", RECIPES / "task-arms.toml", "--data", tables)
    assert code == 1
    assert "there is no file" in err


def test_pairs_are_mined_for_a_cross_encoder_to_grade(tmp_path: Path, smoke_run: Path) -> None:
    (tmp_path / "queries.txt").write_text("ba be\nbi bo\n", encoding="utf-8")
    (tmp_path / "texts.txt").write_text("\n".join(f"ba word {place}" for place in range(20)), encoding="utf-8")
    command = ["mine-pairs", smoke_run / "artifact", "--queries", tmp_path / "queries.txt", "--near", "2", "--far", "1"]
    code, out, err = invoke(*command, "--texts", tmp_path / "texts.txt", "--to", tmp_path / "pairs.tsv")
    assert code == 0, err
    assert "pairs of 2 queries and 20 texts" in out
    lines = (tmp_path / "pairs.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "text\ttext_b"
    assert 4 <= len(lines) - 1 <= 6
    code, _, err = invoke(*command, "--texts", tmp_path / "none.txt", "--to", tmp_path / "pairs.tsv")
    assert code == 1
    assert "there is no file" in err
