import errno
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from tests.model_build.materials import RECIPES

SMOKE = str(RECIPES / "smoke.toml")


def invoke(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.usefixtures("undrawn")
def test_a_run_prints_where_the_artifact_is(data: Path, teacher_folder: Path, tmp_path: Path) -> None:
    code, out, _ = invoke(
        *("run", SMOKE, "--data", data, "--run-dir", tmp_path / "run", "--artifact", tmp_path / "model"),
        *("--set", f"teacher.model={teacher_folder}", "--set", "distillation.steps=2"),
    )
    assert code == 0
    assert f"{tmp_path / 'model'}: " in out
    assert "device bytes, revision" in out
    assert (tmp_path / "model" / "manifest.json").exists()


def test_a_dry_run_prints_bytes_and_time_and_trains_nothing(data: Path, teacher_folder: Path, tmp_path: Path) -> None:
    command = ("run", SMOKE, "--data", data, "--run-dir", tmp_path / "run", "--dry-run")
    code, out, _ = invoke(*command, "--set", f"teacher.model={teacher_folder}")
    assert code == 0
    assert "embeddings" in out
    assert "1,910,000" in out
    assert "distillation" in out
    assert not (tmp_path / "run").exists()


def test_a_dry_run_of_what_can_not_fit_fails(data: Path, teacher_folder: Path) -> None:
    command = ("run", SMOKE, "--data", data, "--dry-run", "--set", "gates.byte_budget=1000")
    code, _, err = invoke(*command, "--set", f"teacher.model={teacher_folder}")
    assert code == 1
    assert "over gates.byte_budget" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.toml",), "recipe none.toml can't be read"),
        ((SMOKE, "--set", "teacher.model=/none"), "the teacher folder /none does not exist"),
        ((SMOKE, "--set", 'corpus.files=["*.csv"]'), "no file below"),
        ((SMOKE, "--set", "student.layers=zero"), "student.layers: Input should be a valid integer"),
        (
            (SMOKE, "--set", "gates.byte_budget=1"),
            "over gates.byte_budget (1); 300 tokens, the least for a vocabulary",
        ),
    ],
)
def test_what_must_be_mended_is_one_line(arguments: tuple[str, ...], told: str, data: Path, tmp_path: Path) -> None:
    code, out, err = invoke("run", *arguments, "--data", data, "--run-dir", tmp_path / "run")
    assert code == 1
    assert out == ""
    assert err.startswith("error: ")
    assert told in err
    assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_an_empty_corpus_is_reported(teacher_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    code, _, err = invoke(
        *("run", SMOKE, "--data", tmp_path, "--run-dir", tmp_path / "run", "--set", f"teacher.model={teacher_folder}")
    )
    assert code == 1
    assert err == f"error: {tmp_path / 'empty.txt'} is empty\n"
    assert not (tmp_path / "run").exists()


def test_a_full_disk_is_reported(
    data: Path, teacher_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("model_build.run.stages.corpus.save_corpus", full)
    command = ("run", SMOKE, "--data", data, "--run-dir", tmp_path / "run", "--set", f"teacher.model={teacher_folder}")
    code, _, err = invoke(*command)
    assert (code, err.strip().splitlines()[-1]) == (1, "error: the disk is full; make room and add --resume")
    assert not (tmp_path / "run" / "01-corpus" / "done.json").exists()
    assert not (tmp_path / "run" / "artifact").exists()


def test_a_cluster_that_is_not_there_is_reported_before_anything_starts(
    data: Path, teacher_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    code, _, told = invoke(
        *("run", SMOKE, "--data", data, "--run-dir", tmp_path / "run", "--ray", "auto"),
        *("--set", f"teacher.model={teacher_folder}"),
    )
    assert code == 1
    assert told == "error: --ray needs Ray; try: pip install 'edge-rank[build,ray]'\n"
    assert not (tmp_path / "run").exists()
