"""A run that is stopped before its first stage leaves nothing behind."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from model_build.common.errors import BuildError
from model_build.recipe import Recipe, load_recipe
from model_build.run.pipeline import run_build
from tests.model_build.materials import RECIPES, texts, write_pairs

PAIRS = 'teacher.tasks=[{name="same",files=["pairs.tsv"]}]'


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """A copy of the data that a test may harm."""
    return Path(shutil.copytree(data, tmp_path / "data"))


def changed(teacher_folder: Path, overrides: Sequence[str] = ()) -> Recipe:
    return load_recipe(
        RECIPES / "smoke.toml", [f"teacher.model={teacher_folder}", "teacher.trainable_layers=0", *overrides]
    )


def refused(recipe: Recipe, data: Path, tmp_path: Path) -> str:
    run = tmp_path / "run"
    with pytest.raises(BuildError) as caught:
        run_build(recipe, data, run, destination=tmp_path / "artifact", resume=False)
    assert not run.exists()
    assert not (tmp_path / "artifact").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["teacher.max_length=1024"], "teacher.max_length is 1024; the teacher reads at most 512 tokens"),
        (["teacher.trainable_layers=3"], "teacher.trainable_layers is 3; the teacher has 2"),
        (["vocabulary.size=5000"], "vocabulary.size is 5,000; it must be between 141"),
        (["vocabulary.size=9000", "gates.byte_budget=200000"], "lower vocabulary.size to about"),
        (["gates.byte_budget=47000"], "lower vocabulary.size to about"),
        (['evaluation.tasks=["stbs"]'], "there is no task 'stbs'"),
        (["gates.quality.stsb=0.7"], "gates.quality.stsb asks for 0.7, but what will be measured is nothing"),
        (["student.init_from=/none", "student.pretraining_steps=0"], "student.init_from: "),
        (['corpus.excluded=["mine.txt"]'], "matches mine.txt"),
        (["corpus.heldout_texts=900"], "at least 1,800 are needed"),
        ([PAIRS], "matches pairs.tsv"),
    ],
)
def test_what_the_recipe_asks_for_in_vain(
    overrides: Sequence[str], told: str, data: Path, teacher_folder: Path, tmp_path: Path
) -> None:
    assert told in refused(changed(teacher_folder, overrides), data, tmp_path)


def test_texts_in_another_encoding(folder: Path, teacher_folder: Path, tmp_path: Path) -> None:
    (folder / "later.txt").write_bytes("\n".join([*texts(300), "怎么还款"]).encode("gbk"))
    assert "later.txt can't be read as UTF-8 text: line 301" in refused(changed(teacher_folder), folder, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("label\t", "class\t", "has no column label"),
        ("\n1\t", "\n0\t", "all labelled 0"),
        ("\n1\t", "\nyes\t", "the column label must be 0 or 1; it is 'yes'"),
    ],
)
def test_pairs_that_no_head_learns_from(
    old: str, new: str, told: str, folder: Path, teacher_folder: Path, tmp_path: Path
) -> None:
    path = write_pairs(folder / "pairs.tsv")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert told in refused(changed(teacher_folder, [PAIRS]), folder, tmp_path)


def test_more_layers_to_fine_tune_than_there_are(folder: Path, teacher_folder: Path, tmp_path: Path) -> None:
    write_pairs(folder / "pairs.tsv")
    recipe = changed(teacher_folder, [PAIRS, "teacher.fine_tuning.layers=5"])
    assert refused(recipe, folder, tmp_path) == "teacher.fine_tuning.layers is 5; the teacher has 2"


def test_a_start_of_another_shape(data: Path, teacher_folder: Path, smoke_run: Path, tmp_path: Path) -> None:
    start = [f"student.init_from={smoke_run / 'artifact'}", "student.pretraining_steps=0", "student.layers=1"]
    assert "student.layers is 1; " in refused(changed(teacher_folder, start), data, tmp_path)
