import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.artifact.artifact import load_artifact
from service.cli.main import app
from tests.service.artifacts import build_artifact
from tests.service.processes import serving

CATALOGUE = [
    {"id": "taxi", "title": "Taxi", "description": "ride", "category": "travel"},
    {"id": "split", "title": "Split bill", "description": "dinner", "category": "money"},
    {"id": "phone", "title": "Top up", "description": "phone"},
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return build_artifact(tmp_path / "model").folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.jsonl"
    path.write_text("\n".join(json.dumps(item) for item in CATALOGUE))
    return path


def edge_rank(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, result.stderr


def first_row(output: str) -> str:
    return next(line for line in output.splitlines() if re.search(r"^\W+1 ", line))


def test_rank_prints_the_best(model: Path, catalogue: Path) -> None:
    code, output, _ = edge_rank("rank", "split dinner bill", "--model", model, "--catalogue", catalogue, "--top-n", 2)
    assert code == 0
    assert "Split bill" in first_row(output)
    assert "tiny@" in output
    assert len(re.findall(r"^\W+\d ", output, flags=re.MULTILINE)) == 2


def test_rank_explains(model: Path, catalogue: Path) -> None:
    code, output, _ = edge_rank("rank", "split", "--model", model, "--catalogue", catalogue, "--explain")
    assert code == 0
    assert "query similarity" in output


def test_rank_asks_a_server(model: Path, catalogue: Path) -> None:
    with serving("--model", model, "--catalogue", catalogue) as service:
        code, output, _ = edge_rank("rank", "split dinner bill", "--catalogue", catalogue, "--url", service.url)
    assert code == 0
    assert "Split bill" in first_row(output)


def test_info_prints_the_essentials(model: Path) -> None:
    code, output, _ = edge_rank("info", "--model", model)
    assert code == 0
    assert "tiny" in output
    assert "1,910,000" in output
    assert load_artifact(model).manifest.encoder_revision in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "--model", "/nowhere"], "not an artifact"),
        (["rank", "x", "--catalogue", "/nowhere"], "No such file"),
        (["rank", "x", "--url", "ftp://x"], "not an http"),
        (["rank", "x", "--url", "http://127.0.0.1:1"], "does not answer"),
        (["rank", "x", "--url", "http://[::1"], "not an http"),
        (["serve", "--model", "/nowhere"], "not an artifact"),
        (["serve", "--port", "99999"], "EDGE_RANK_PORT"),
        (["serve", "--redis-url", "nonsense"], "redis://"),
    ],
)
def test_errors_are_one_line_without_a_traceback(arguments: list[str], message: str) -> None:
    code, output, errors = edge_rank(*arguments)
    assert code == 1
    assert output == ""
    assert message in errors
    assert errors.count("\n") == 1


def test_an_experiment_that_is_none_is_reported_at_start(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "experiment.toml").write_text('name = "n"\n[arms.a]\nshare = 0.5\nranker = "dense"\n')
    monkeypatch.setenv("EDGE_RANK_EXPERIMENT", str(tmp_path / "experiment.toml"))
    code, _, errors = edge_rank("serve", "--model", model)
    assert code == 1
    assert errors.endswith("experiment.toml is not valid: the shares of its arms must add up to 1, not 0.5\n")
    assert errors.count("\n") == 1


def test_a_ranking_without_a_server_is_logged_nowhere(
    tmp_path: Path, model: Path, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_RANK_IMPRESSIONS", str(tmp_path / "impressions"))
    code, _, _ = edge_rank("rank", "split", "--model", model, "--catalogue", catalogue)
    assert code == 0
    assert not (tmp_path / "impressions").exists()


def test_a_folder_takes_what_a_service_releases(tmp_path: Path, model: Path) -> None:
    folder = tmp_path / "phone"
    with serving("--model", model) as service:
        code, output, errors = edge_rank("pull", service.url, "--to", folder)
        assert (code, errors) == (0, "")
        assert re.fullmatch(r"tiny@[0-9a-f]{12} is in use now: [\d,]+ bytes loaded\n", output)
        code, output, _ = edge_rank("pull", service.url, "--to", folder)
        assert code == 0
        assert output.endswith("is in use already\n")
    code, output, _ = edge_rank("info", "--model", folder / "current")
    assert code == 0
    assert "tiny" in output


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["http://127.0.0.1:1", "--to", "{folder}"], 3, "the service does not answer"),
        (["http://127.0.0.1:1", "--to", "/proc/none"], 4, "can't be written"),
        (["--roll-back", "--to", "{folder}"], 6, "has no earlier model to go back to"),
        (["ftp://x", "--to", "{folder}"], 1, "not an http"),
    ],
)
def test_each_kind_of_error_of_a_pull_has_its_exit_code(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    found, output, errors = edge_rank("pull", *(one.format(folder=tmp_path / "phone") for one in arguments))
    assert (found, output) == (code, "")
    assert message in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["http://127.0.0.1:1", "--roll-back"]])
def test_a_pull_goes_forward_or_back(tmp_path: Path, arguments: list[str]) -> None:
    code, _, errors = edge_rank("pull", *arguments, "--to", tmp_path / "phone")
    assert code == 2
    assert "either the service's URL or --roll-back" in errors
    assert not (tmp_path / "phone").exists()


def test_the_way_back_takes_no_heads(tmp_path: Path) -> None:
    code, _, errors = edge_rank("pull", "--roll-back", "--heads", "all", "--to", tmp_path / "phone")
    assert code == 2
    assert "leave --heads out" in errors
    assert not (tmp_path / "phone").exists()


def test_a_released_head_that_is_damaged_is_reported_at_start(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "heads" / "x").mkdir(parents=True)
    monkeypatch.setenv("EDGE_RANK_RELEASED_HEADS", str(tmp_path / "heads"))
    code, _, errors = edge_rank("serve", "--model", model)
    assert code == 1
    assert errors.endswith("heads/x is not a head: it has no head.json\n")
    assert errors.count("\n") == 1


def test_demo_and_catalogue_exclude_each_other() -> None:
    code, _, errors = edge_rank("serve", "--demo", "--catalogue", "x")
    assert code == 2
    assert "exclude each other" in errors


def test_a_server_that_answers_otherwise_is_reported(model: Path, catalogue: Path) -> None:
    with serving("--model", model) as service:
        code, _, errors = edge_rank("rank", "x", "--catalogue", catalogue, "--url", f"{service.url}/other")
    assert code == 1
    assert "refuses" in errors


def test_help_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from service.cli.main import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "serve" in done.stdout
