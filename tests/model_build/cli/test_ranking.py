import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from service.artifact.artifact import load_artifact
from service.ranking.weights import DEFAULT_WEIGHTS, load_weights
from tests.model_build.ranking.benchmark import write_log, write_ranking_data
from tests.service.artifacts import build_artifact


def invoke(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    return build_artifact(tmp_path / "model").folder


def test_weights_are_learned_from_public_data_and_measured(artifact: Path, tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    before = load_artifact(artifact).manifest.revision
    out, figures = tmp_path / "out", tmp_path / "figures" / "fit.json"
    code, shown, err = invoke(
        *("fit-ranker", artifact, "--data", tmp_path, "--out", out, "--folds", 2, "--json", figures)
    )
    assert code == 0, err
    for expected in ("history_overlap", "Held out", "online_retail", "NDCG@10", "HR@10", f"{out}: published"):
        assert expected in shown
    weights = load_weights(load_artifact(out).ranker_path)
    domains = "msrd, homedepot, match_amazon_google, match_wdc_shoes, appstream, corpus"
    assert weights.learned_from["search"] == f"152 searches in {domains}"
    assert [one.domain for one in weights.left_out] == domains.split(", ")
    assert "each domain left out" in shown
    assert weights.by_surface["both"]["query_overlap"] == weights.by_surface["search"]["query_overlap"]
    assert weights.by_surface["feed"]["just_bought"] < -1
    assert json.loads(figures.read_text())["learned_from"] == dict(weights.learned_from)
    assert (out / "ranker.json").stat().st_size < 3_000
    assert load_artifact(artifact).manifest.revision == before

    code, shown, err = invoke(
        *("evaluate-ranking", out, "--data", tmp_path, "--no-teacher", "--limit", 5, "--json", figures)
    )
    assert code == 0, err
    for expected in ("BM25", "TF-IDF", "dense student", "no order", "fused", "amazon_office", "vaswani", "unrelated"):
        assert expected in shown
    document = json.loads(figures.read_text())
    assert {one["examples"] for one in document["rankings"] if "demo" not in one["task"]} == {5}
    order = {one["ranking"]: one["value"] for one in document["rankings"] if one["task"] == "online_retail"}
    assert order["no order"] == pytest.approx(10 / 31)


def test_a_log_gives_weights_where_it_has_enough(artifact: Path, tmp_path: Path) -> None:
    write_log(tmp_path / "log", 240)
    code, shown, err = invoke("fit-ranker", artifact, "--log", tmp_path / "log", "--folds", 2)
    assert code == 0, err
    assert "feed and both: fewer than 200 lists with an outcome" in err
    assert "feed (as it was)" in shown
    weights = load_weights(load_artifact(artifact).ranker_path)
    assert weights.by_surface["feed"] == DEFAULT_WEIGHTS["feed"]
    learned, before = weights.by_surface["search"], DEFAULT_WEIGHTS["search"]
    assert learned["popularity"] / learned["query_overlap"] > 2 * before["popularity"] / before["query_overlap"]
    assert weights.learned_from["search"] == "a log's 240 lists with an outcome"


def test_bad_lines_of_a_log_are_reported(artifact: Path, tmp_path: Path) -> None:
    path = write_log(tmp_path / "log", 240)
    path.write_text("bad\n" + path.read_text())
    code, _, err = invoke("fit-ranker", artifact, "--log", tmp_path / "log", "--folds", 2)
    assert code == 0
    assert f"{path}, line 1: it is not JSON; 1 of 481 lines are skipped" in err


@pytest.mark.parametrize(
    ("lines", "told"), [(3, "at most 3 lists with an outcome"), (0, "has no file")], ids=["few", "none"]
)
def test_a_log_that_teaches_nothing_is_one_line(lines: int, told: str, artifact: Path, tmp_path: Path) -> None:
    if lines:
        write_log(tmp_path / "log", lines)
    code, _, err = invoke("fit-ranker", artifact, "--log", tmp_path / "log")
    assert code == 1
    assert err.startswith("error: ")
    assert told in err
    assert err.count("\n") == 1


def test_something_to_learn_from_must_be_named(artifact: Path) -> None:
    code, _, err = invoke("fit-ranker", artifact)
    assert code == 2
    assert "name what to learn from" in err


@pytest.mark.parametrize("command", ["fit-ranker", "evaluate-ranking"])
def test_a_missing_set_is_one_line(command: str, artifact: Path, tmp_path: Path) -> None:
    code, _, err = invoke(command, artifact, "--data", tmp_path / "none", *(["--no-teacher"] * (command[0] == "e")))
    assert code == 1
    assert err.startswith("error: ")
    assert err.count("\n") == 1
