import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from model_build.cli.evaluate import evaluate_command
from model_build.common.systems import Role
from model_build.teacher.pooling import CONFIGURATION
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    made.command("evaluate")(evaluate_command)
    return made


@pytest.fixture
def benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_search(tmp_path)
    write_pairs(tmp_path)
    monkeypatch.setattr("model_build.evaluation.systems.registry.load_artifact", lambda _: None)
    monkeypatch.setattr("model_build.evaluation.systems.registry.artifact_system", lambda _: FakeSystem())
    return tmp_path


def test_an_artifact_is_shown_beside_the_baselines(app: typer.Typer, benchmark: Path) -> None:
    command = ["evaluate", "artifact", "--data", str(benchmark), "--no-teacher", "--task", "stsb", "--task", "msrd"]
    shown = CliRunner().invoke(app, [*command, "--json", str(benchmark / "figures" / "result.json")])
    assert shown.exit_code == 0, shown.output
    for expected in ("fake", "WordLlama 64", "WordLlama 256", "BM25", "random", "Spearman", "NDCG@10", "0.783"):
        assert expected in shown.output
    document = json.loads((benchmark / "figures" / "result.json").read_text())
    assert document["tasks"] == ["stsb", "msrd"]


def test_the_baselines_may_be_left_out(app: typer.Typer, benchmark: Path) -> None:
    command = ["evaluate", "artifact", "--data", str(benchmark), "--no-teacher", "--no-baselines", "--task", "stsb"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0, shown.output
    assert "BM25" not in shown.output


def test_a_missing_set_is_one_line(app: typer.Typer, benchmark: Path) -> None:
    command = ["evaluate", "artifact", "--data", str(benchmark), "--no-teacher", "--no-baselines", "--task", "mrpc"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 1
    assert shown.stderr.startswith("error: ")
    assert shown.stderr.count("\n") == 1


def test_a_folder_that_is_no_artifact_is_one_line(app: typer.Typer, tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--data", str(tmp_path)])
    assert shown.exit_code == 1
    assert "is not an artifact" in shown.stderr


def test_fp32_and_several_teachers_take_part(
    app: typer.Typer, benchmark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fp32 = FakeSystem("fake fp32", Role.FP32)
    monkeypatch.setattr("model_build.evaluation.systems.registry.Fp32System", lambda *_: fp32)
    monkeypatch.setattr("model_build.teacher.system.load_system", lambda asked, **_: FakeSystem(asked, Role.TEACHER))
    command = [
        "evaluate",
        "artifact",
        "--data",
        str(benchmark),
        "--no-baselines",
        "--task",
        "msrd",
        "--fp32",
        "fp32.onnx",
    ]
    shown = CliRunner().invoke(app, [*command, "--teacher", "first", "--teacher", "second:cls"])
    assert shown.exit_code == 0, shown.output
    for expected in ("Percent of first kept", "second:cls", "Percent of fp32 kept", "Mean by family"):
        assert expected in shown.output
    assert "…" not in shown.output


def test_a_missing_fp32_graph_is_one_line(app: typer.Typer, smoke_run: Path, benchmark: Path) -> None:
    command = ["evaluate", str(smoke_run / "artifact"), "--data", str(benchmark), "--no-teacher", "--no-baselines"]
    shown = CliRunner().invoke(app, [*command, "--fp32", "none.onnx"])
    assert shown.exit_code == 1
    assert "there is no fp32 graph none.onnx" in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_a_torn_pooling_configuration_is_one_line(
    app: typer.Typer, teacher_folder: Path, benchmark: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "torn"
    shutil.copytree(teacher_folder, folder)
    (folder / CONFIGURATION).parent.mkdir()
    (folder / CONFIGURATION).write_text("{")
    shown = CliRunner().invoke(app, ["evaluate", "artifact", "--data", str(benchmark), "--teacher", str(folder)])
    assert shown.exit_code == 1
    assert shown.stderr.startswith("error: ")
    assert "is not a pooling configuration" in shown.stderr


def test_without_its_package_there_is_no_teacher(
    app: typer.Typer, benchmark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_build.teacher.system._PACKAGE", "no_such_package")
    shown = CliRunner().invoke(
        app, ["evaluate", "artifact", "--data", str(benchmark), "--no-baselines", "--task", "stsb"]
    )
    assert shown.exit_code == 0, shown.output
    assert "comparing without one" in shown.stderr
