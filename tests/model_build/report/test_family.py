import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from model_build.common.systems import Role
from model_build.evaluation.result import EvaluationResult, Measurement, SystemSize, to_json
from model_build.report.family import merged
from service.artifact.artifact import load_artifact
from tests.model_build.report.reports import EVALUATION, measured
from tests.service.artifacts import build_artifact

SMALL = EvaluationResult(
    systems=(
        SystemSize("small", Role.ARTIFACT, 490_000),
        SystemSize("small fp32", Role.FP32, 2_000_000),
        SystemSize("teacher", Role.TEACHER, 91_000_000),
    ),
    tasks=("stsb", "banking77"),
    measurements=(
        measured("small", "stsb", 0.701),
        measured("small fp32", "stsb", 0.702),
        measured("teacher", "stsb", 0.999),
        Measurement("small", "banking77", "accuracy", 0.5, 0.4, 0.6, 10, "test", headline=True),
    ),
    seed=0,
    limit=None,
)


def family(*sources: Path, output: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["family", *map(str, sources), "--output", str(output)])
    return result.exit_code, result.stdout + result.stderr


def run_of(folder: Path, evaluation: EvaluationResult) -> None:
    """Write the files that a finished run keeps of an evaluation."""
    place = folder / "09-evaluation"
    place.mkdir(parents=True)
    (place / "evaluation.json").write_text(to_json(evaluation))
    build_artifact(folder / "10-publication" / "artifact")


def test_artifacts_come_first_by_size_and_fp32_stays_out() -> None:
    found = merged([EVALUATION, SMALL])
    assert [one.name for one in found.systems] == ["small", "student", "BM25", "teacher"]
    assert found.tasks == ("msrd", "stsb", "banking77")
    assert not [one for one in found.measurements if "fp32" in one.system]


def test_of_a_system_measured_twice_the_first_figures_stand() -> None:
    found = [merged(both).headline("teacher", "stsb") for both in ([EVALUATION, SMALL], [SMALL, EVALUATION])]
    assert [one.value for one in found if one] == [0.82, 0.999]


def test_the_command_writes_pages_of_a_file_and_a_run(tmp_path: Path) -> None:
    run_of(tmp_path / "run", EVALUATION)
    (tmp_path / "small.json").write_text(to_json(SMALL))
    code, told = family(tmp_path / "small.json", tmp_path / "run", output=tmp_path / "page")
    assert (code, told) == (0, f"{tmp_path / 'page' / 'family.html'}\n")
    text = (tmp_path / "page" / "family.md").read_text()
    published = load_artifact(tmp_path / "run" / "10-publication" / "artifact").manifest.device_bytes
    assert f"| student | {published:,} |\n| small | 490,000 |" in text
    assert "0.701 (0.691 to 0.711)" in text
    assert re.findall(r"!\[.*?\]\((.*?)\)", text) == ["plots/families.svg", "plots/tasks.svg"]
    drawn = (tmp_path / "page" / "plots" / "families.svg").read_text()
    assert "small" in drawn
    assert "teacher" in drawn
    assert "0.701 (0.691 to 0.711)" in (tmp_path / "page" / "family.html").read_text()


def test_what_is_no_evaluation_is_reported_in_a_line_and_nothing_is_written(tmp_path: Path) -> None:
    other = replace(SMALL, systems=(SystemSize("student", Role.ARTIFACT, 1), *SMALL.systems))
    trained_on = replace(SMALL, systems=(SystemSize("student", Role.ARTIFACT, 1_880_000, "artifact b"),))
    artifact = build_artifact(tmp_path / "artifact").folder
    run_of(tmp_path / "refused", EVALUATION)
    shutil.rmtree(tmp_path / "refused" / "10-publication")
    for name, text in (
        ("none.json", "null"),
        ("one.json", to_json(EVALUATION)),
        ("other.json", to_json(other)),
        ("on.json", to_json(trained_on)),
    ):
        (tmp_path / name).write_text(text)
    output = tmp_path / "page"
    for sources, message in (
        (("absent.json",), f"{tmp_path}/absent.json does not exist"),
        (("none.json",), f"{tmp_path}/none.json is no evaluation; was anything measured there?"),
        (("one.json", "other.json"), "student has 1,880,000 bytes in one evaluation and 1 in another"),
        (("one.json", "on.json"), "student is another model in one evaluation than in another; measure it anew"),
        (("refused",), f"{tmp_path}/refused has published no model; finish the run first"),
        (
            ("artifact",),
            f"{artifact} is an artifact, which keeps no intervals; measure it: model-build evaluate {artifact} ",
        ),
    ):
        code, told = family(*(tmp_path / name for name in sources), output=output)
        assert code == 1
        assert told.startswith(f"error: {message}")
        assert told.count("\n") == 1
    assert not output.exists()


def test_a_report_of_a_run_is_written_anew(smoke_run: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(smoke_run)])
    assert result.exit_code == 0
    assert result.stdout == f"{smoke_run / '11-report' / 'report.html'}\n"
    assert "Where teacher and student disagree" in (smoke_run / "11-report" / "report.md").read_text()


@pytest.mark.parametrize("missing", ["report.json", "run"])
def test_a_report_of_no_run_is_refused(tmp_path: Path, missing: str) -> None:
    assert CliRunner().invoke(app, ["report", str(tmp_path / missing)]).exit_code == 1
