import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from tests.model_build.ablation.conftest import CHOSEN
from tests.model_build.materials import RECIPES

SMOKE = str(RECIPES / "smoke.toml")


def invoke(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["ablate", *(str(argument) for argument in arguments)])
    return result.exit_code, result.stdout, result.stderr


def settings(overrides: tuple[str, ...]) -> list[str]:
    return [argument for override in overrides for argument in ("--set", override)]


def test_the_command_prints_what_the_run_found(
    overrides: tuple[str, ...], measured_data: Path, run_folder: Path, tmp_path: Path
) -> None:
    chosen = [argument for name in CHOSEN for argument in ("--variant", name)]
    code, out, _ = invoke(
        *(SMOKE, "--data", measured_data, "--run-dir", run_folder, "--seeds", 2, "--resume"),
        *(*chosen, *settings(overrides), "--json", tmp_path / "new" / "figures.json"),
    )
    assert code == 0
    assert "The halves of cross-distillation" in out
    assert "integration against one-way. Does sharing the teacher's projection help?" in out
    assert json.loads((tmp_path / "new" / "figures.json").read_text())["name"] == "edge-rank-smoke"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.toml",), "recipe none.toml can't be read"),
        ((SMOKE, "--variant", "nothing"), "there is no variant 'nothing'; the variants are one-way"),
        ((SMOKE, "--set", "teacher.model=/none"), "the teacher folder /none does not exist"),
        ((SMOKE, "--set", "distillation.stepz=1"), "did you mean distillation.steps?"),
    ],
)
def test_what_must_be_mended_is_one_line(arguments: tuple[str, ...], told: str, data: Path, tmp_path: Path) -> None:
    code, out, err = invoke(*arguments, "--data", data, "--run-dir", tmp_path / "run")
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert told in err
    assert err.count("\n") == 1
