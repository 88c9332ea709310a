import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from model_build.evaluation.command import add_evaluate_command
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    add_evaluate_command(made)
    return made


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_search(tmp_path)
    write_pairs(tmp_path)
    monkeypatch.setattr("model_build.evaluation.systems.artifact.load_artifact_system", lambda _: FakeSystem())
    return tmp_path


def test_an_artifact_is_shown_beside_the_baselines(app: typer.Typer, data: Path) -> None:
    command = ["evaluate", "artifact", "--data", str(data), "--no-teacher", "--task", "stsb", "--task", "msrd"]
    shown = CliRunner().invoke(app, [*command, "--json", str(data / "result.json")])
    assert shown.exit_code == 0, shown.output
    for expected in ("fake", "WordLlama 64", "WordLlama 256", "BM25", "random", "Spearman", "NDCG@10", "0.783"):
        assert expected in shown.output
    document = json.loads((data / "result.json").read_text())
    assert document["tasks"] == ["stsb", "msrd"]


def test_the_baselines_may_be_left_out(app: typer.Typer, data: Path) -> None:
    command = ["evaluate", "artifact", "--data", str(data), "--no-teacher", "--no-baselines", "--task", "stsb"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0, shown.output
    assert "BM25" not in shown.output


def test_a_missing_set_is_one_line(app: typer.Typer, data: Path) -> None:
    command = ["evaluate", "artifact", "--data", str(data), "--no-teacher", "--no-baselines", "--task", "mrpc"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 1
    assert shown.stderr.startswith("error: ")
    assert shown.stderr.count("\n") == 1


def test_a_folder_that_is_no_artifact_is_one_line(app: typer.Typer, tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--data", str(tmp_path)])
    assert shown.exit_code == 1
    assert "is not an artifact" in shown.stderr


def test_without_its_package_there_is_no_teacher(app: typer.Typer, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_build.evaluation.systems.teacher._PACKAGE", "no_such_package")
    shown = CliRunner().invoke(app, ["evaluate", "artifact", "--data", str(data), "--no-baselines", "--task", "stsb"])
    assert shown.exit_code == 0, shown.output
    assert "comparing without one" in shown.stderr
