from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import CorpusError
from model_build.corpus.dedup import word_key
from model_build.corpus.pairs import PairTasks, read_tasks, read_tests
from model_build.recipe import PairTaskRecipe

RECIPE = PairTaskRecipe(name="same", files=("pairs.tsv",), validation_share=0.2)


def test_no_training_pair_has_a_text_of_the_validation_split(tasks: PairTasks) -> None:
    held = {word_key(text) for text in tasks.validation_texts}
    training = {word_key(tasks.texts[place]) for place in tasks.pairs[: tasks.training].ravel()}
    assert not held & training
    assert len(tasks.pairs) - tasks.training == 120  # a fifth of 300, twice
    assert set(tasks.tasks[: tasks.training].tolist()) == set(tasks.tasks[tasks.training :].tolist()) == {0, 1}


def test_the_seed_decides_the_validation_split(pairs_folder: Path) -> None:
    first, again, other = (read_tasks([RECIPE], pairs_folder, set(), seed) for seed in (1, 1, 2))
    assert first.texts == again.texts
    assert np.array_equal(first.labels, again.labels)
    assert first.validation_texts != other.validation_texts


def test_pairs_with_an_excluded_text_are_left_out(pairs_folder: Path) -> None:
    line = (pairs_folder / "pairs.tsv").read_text().splitlines()[1]
    text = line.split("\t")[1]
    whole, less = (read_tasks([RECIPE], pairs_folder, excluded, 1) for excluded in (set(), {text.upper() + "!"}))
    assert text in whole.texts
    assert text not in less.texts


def test_the_texts_that_a_corpus_lacks(tasks: PairTasks) -> None:
    assert tasks.texts_missing_in(tasks.texts) == []
    assert tasks.texts_missing_in(tasks.texts[1:]) == [tasks.texts[0]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("text_a\ttext_b\na\tb\n", "task same: .*pairs.tsv has no column label; its header: text_a, text_b"),
        ("label\ttext_a\ttext_b\n1\ta\n", "line 2: 2 columns, but the header has 3"),
        ("label\ttext_a\ttext_b\n1\ta\tb\nyes\ta\tb\n", "line 3: the column label must be 0 or 1; it is 'yes'"),
        ("label\ttext_a\ttext_b\n", "task same: 0 pairs are left to train on; needed are 20, of both labels"),
        (
            "label\ttext_a\ttext_b\n" + "".join(f"1\ta{i}\tb{i}\n" for i in range(200)),
            "160 pairs are left to train on, all labelled 1; needed are 20, of both labels",
        ),
    ],
)
def test_what_is_no_table_of_labelled_pairs_is_reported(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text(content)
    with pytest.raises(CorpusError, match=told) as caught:
        read_tasks([RECIPE], tmp_path, set(), seed=1)
    assert "\n" not in str(caught.value)


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    rows = [f"x\t{i % 2}\tfirst{i}\tsecond{i}" for i in range(300)]
    (tmp_path / "p.tsv").write_text("\n".join(["id\tmatch\tone\ttwo", *rows]))
    recipe = PairTaskRecipe(name="p", files=("*.tsv",), texts=("one", "two"), label="match")
    assert "second7" in read_tasks([recipe], tmp_path, set(), seed=1).texts


def test_pairs_that_measure_are_of_the_tasks_that_have_some(tests: PairTasks, tmp_path: Path) -> None:
    assert (tests.names, len(tests.pairs), tests.training) == (("too",), 300, 0)
    assert read_tests([RECIPE], {}, tmp_path) is None
    (tmp_path / "one.tsv").write_text("label\ttext_a\ttext_b\n" + "1\ta\tb\n" * 30)
    with pytest.raises(
        CorpusError, match="task same: 30 pairs are left to measure on, all labelled 1; needed are 20, of both labels"
    ):
        read_tests([RECIPE], {"same": ["one.tsv"]}, tmp_path)
