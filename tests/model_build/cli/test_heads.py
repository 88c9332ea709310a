import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from service.heads.loading import load_head, load_heads
from tests.model_build.heads.tables import write_pairs, write_rows, write_texts
from tests.service.artifacts import build_artifact


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    return build_artifact(tmp_path / "artifact").folder


def fit(artifact: Path, *arguments: object) -> tuple[int, str, str]:
    command = ["fit-head", str(artifact), "--folds", "3", *map(str, arguments)]
    result = CliRunner().invoke(app, command)
    return result.exit_code, result.stdout, result.stderr


def test_a_head_of_texts_is_fitted_shown_and_served(artifact: Path, tmp_path: Path) -> None:
    train, test = write_texts(tmp_path / "train.tsv.xz"), write_texts(tmp_path / "test.tsv", per_class=15, seed=1)
    place = tmp_path / "heads" / "topics"
    code, out, err = fit(artifact, "--train", train, "--test", test, "--name", "topics", "--to", place)
    assert (code, err) == (0, "")
    assert "topics, before rounding" in out
    assert "rounding changed 0 of 30 decisions" in out
    head = load_head(place).manifest
    assert f"{place}: published as {head.label}, 2 classes" in out
    assert head.figures[0].value > 0.9
    assert [(one.use, one.file) for one in head.training.sources] == [("train", "train.tsv.xz"), ("test", "test.tsv")]
    assert "| accuracy | test | 30 |" in (place / "README.md").read_text()


def test_a_head_of_pairs_chosen_on_dev(artifact: Path, tmp_path: Path) -> None:
    train, dev = write_pairs(tmp_path / "train.tsv"), write_pairs(tmp_path / "dev.tsv", pairs=20, seed=1)
    place = tmp_path / "heads" / "alike"
    code, out, _ = fit(artifact, "--train", train, "--dev", dev, "--name", "alike", "--to", place)
    assert code == 0
    assert "dev, which chose the regularisation: 20 examples" in out
    head = load_head(place).manifest
    assert (head.kind, head.training.chosen_by) == ("pair", "log-likelihood of dev")
    assert head.figures[0].value > 0.9


def test_the_teacher_stands_beside(artifact: Path, teacher_folder: Path, tmp_path: Path) -> None:
    train, test = write_texts(tmp_path / "train.tsv"), write_texts(tmp_path / "test.tsv", per_class=10, seed=1)
    arguments = ("--train", train, "--test", test, "--name", "topics", "--to", tmp_path / "topics")
    code, out, _ = fit(artifact, *arguments, "--teacher", f"{teacher_folder}:mean")
    assert code == 0
    assert f"probe on {teacher_folder.name}:mean" in out
    assert re.search(r"│ topics .* % \(", out)


def test_with_training_examples_alone_parts_of_them_are_held_out(artifact: Path, tmp_path: Path) -> None:
    train = write_texts(tmp_path / "train.tsv")
    code, out, _ = fit(artifact, "--train", train, "--name", "topics", "--to", tmp_path / "topics")
    assert code == 0
    assert "train, held out in turn: 80 examples" in out
    assert load_head(tmp_path / "topics").manifest.figures[0].split == "train, held out in turn; before rounding"


def test_the_same_examples_give_the_same_bytes(artifact: Path, tmp_path: Path) -> None:
    train = write_texts(tmp_path / "train.tsv")
    for name in ("one", "other"):
        fit(artifact, "--train", train, "--name", "topics", "--to", tmp_path / name)
    for file in ("head.json", "weights.bin", "README.md"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


@pytest.mark.parametrize(
    ("rows", "changes", "told"),
    [
        ([("a", "pay"), ("a", "bill")], {}, "has only the label 'a'"),
        ([("a", "pay"), ("a", "bill"), ("b", "taxi")], {}, "the label 'b' has one example"),
        ([("a", "pay"), ("a", ""), ("b", "taxi")], {}, "line 3: the text is blank"),
        (None, {"--train": "none.tsv"}, "there is no file none.tsv"),
        (None, {"--name": "no name"}, "'no name' is no name of a head"),
        (None, {"--test": "{folder}/pairs.tsv"}, "columns of a pair head"),
        (None, {"--to": "{folder}"}, "exists and is not a head"),
        (None, {"--teacher": "/none"}, "the teacher folder /none does not exist"),
    ],
)
def test_what_must_be_mended_is_one_line_and_nothing_is_written(
    artifact: Path, tmp_path: Path, rows: list[tuple[str, ...]] | None, changes: dict[str, str], told: str
) -> None:
    write_pairs(tmp_path / "pairs.tsv")
    train = tmp_path / "train.tsv"
    write_texts(train) if rows is None else write_rows(train, ("label", "text"), rows)
    given = {"--train": str(train), "--name": "topics", "--to": str(tmp_path / "heads" / "topics"), **changes}
    arguments = [part for flag, value in given.items() for part in (flag, value.format(folder=tmp_path))]
    code, out, err = fit(artifact, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert told in err
    assert err.count("\n") == 1
    assert not (tmp_path / "heads").exists()


def test_a_head_serves_with_its_own_backbone_alone(artifact: Path, tmp_path: Path) -> None:
    place = tmp_path / "heads" / "topics"
    fit(artifact, "--train", write_texts(tmp_path / "train.tsv"), "--name", "topics", "--to", place)
    manifest = json.loads((artifact / "manifest.json").read_text())
    backbone = load_head(place).manifest.backbone
    assert (backbone.name, backbone.revision) == (manifest["name"], manifest["revision"])
    assert load_heads(place.parent, build_artifact(tmp_path / "same").manifest).keys() == {"topics"}
