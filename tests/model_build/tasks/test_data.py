from collections import Counter
from pathlib import Path

import pytest

from model_build.common.errors import ExamplesError
from model_build.tasks.data import Task, read_task
from model_build.tasks.target import Classes
from tests.model_build.heads.tables import write_rows
from tests.model_build.tasks.materials import CLASSES, write_graded, write_texts

TEXT = ("label", "text")


def test_classes_are_numbered_in_their_order(text_task: Task) -> None:
    assert text_task.classes == CLASSES
    assert text_task.kind == "text"
    numbers = Classes(text_task.classes).values(text_task.dev.labels)
    assert [CLASSES[number] for number in numbers] == text_task.dev.labels.tolist()


def test_validation_examples_are_held_out_class_by_class_and_do_not_train(text_task: Task) -> None:
    assert (len(text_task.train), len(text_task.dev)) == (72, 18)
    assert set(Counter(text_task.dev.labels.tolist()).values()) == {6}
    assert not set(text_task.train.columns[0]) & set(text_task.dev.columns[0])


def test_equal_seeds_hold_out_the_same(tables: Path, text_task: Task) -> None:
    again = read_task(tables / "train.tsv", None, None, dev_share=0.2, seed=1)
    other = read_task(tables / "train.tsv", None, None, dev_share=0.2, seed=2)
    assert again.dev.columns == text_task.dev.columns != other.dev.columns


def test_what_the_test_split_has_does_not_train(tmp_path: Path) -> None:
    train = write_texts(tmp_path / "train.tsv", 30)
    task = read_task(train, None, train_part(train, tmp_path / "test.tsv"), dev_share=0.2, seed=1)
    assert (task.left_out, len(task.train) + len(task.dev)) == (6, 24)


def train_part(train: Path, path: Path) -> Path:
    path.write_text("\n".join(train.read_text(encoding="utf-8").splitlines()[:7]) + "\n", encoding="utf-8")
    return path


def test_a_large_training_split_is_sampled_down_class_by_class(tables: Path) -> None:
    task = read_task(tables / "train.tsv", None, None, dev_share=0.2, seed=1, most_rows=30)
    assert (len(task.train), len(task.dev)) == (30, 18)
    assert set(Counter(task.train.labels.tolist()).values()) == {10}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("a", "one"), ("a", "two")], "only the label 'a'"),
        ([("a", "one"), ("b", "two"), ("b", "three")], "the label 'a' has one example"),
        ([("a", "one"), ("a", "two"), ("b", "three"), ("b", "four")], "too few to hold out"),
    ],
)
def test_too_few_examples_are_refused(rows: list[tuple[str, ...]], told: str, tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match=told):
        read_task(write_rows(tmp_path / "t.tsv", TEXT, rows), None, None, dev_share=0.1, seed=1)


def test_unknown_labels_and_pairs_among_texts_are_refused(tables: Path, tmp_path: Path) -> None:
    unknown = write_rows(tmp_path / "dev.tsv", TEXT, [("cow", "one")])
    with pytest.raises(ExamplesError, match="has the label 'cow'"):
        read_task(tables / "train.tsv", unknown, None, dev_share=0.1, seed=1)
    with pytest.raises(ExamplesError, match="columns of a pair head"):
        read_task(tables / "train.tsv", tables / "pairs.tsv", None, dev_share=0.1, seed=1)


def test_rare_classes_are_left_out_of_all_splits_where_the_recipe_says_so(tmp_path: Path) -> None:
    rows = [("a", f"one {place}") for place in range(6)] + [("b", f"two {place}") for place in range(6)]
    train = write_rows(tmp_path / "train.tsv", TEXT, [*rows, ("rare", "three")])
    test = write_rows(tmp_path / "test.tsv", TEXT, [("a", "four"), ("rare", "five"), ("unknown", "six")])
    with pytest.raises(ExamplesError, match="the label 'rare' has one example"):
        read_task(train, None, test, dev_share=0.2, seed=1)
    task = read_task(train, None, test, dev_share=0.2, seed=1, without_rare=True)
    assert task.classes == ("a", "b")
    assert task.test is not None
    assert (task.rare, task.test.labels.tolist()) == (3, ["a"])
    alone = write_rows(tmp_path / "alone.tsv", TEXT, [("rare", "five")])
    with pytest.raises(ExamplesError, match="has examples of rare classes alone"):
        read_task(train, None, alone, dev_share=0.2, seed=1, without_rare=True)


def test_grades_are_numbers_of_which_any_may_be_alone(tmp_path: Path) -> None:
    task = read_task(write_graded(tmp_path / "train.tsv"), None, None, dev_share=0.2, seed=1, labels="grades")
    assert (task.kind, len(task.train), len(task.dev)) == ("pair", 48, 12)
    words = write_rows(tmp_path / "words.tsv", TEXT, [("1.5", "one"), ("good", "two")])
    with pytest.raises(ExamplesError, match="the label 'good' is no number"):
        read_task(words, None, None, dev_share=0.2, seed=1, labels="grades")
    endless = write_rows(tmp_path / "endless.tsv", TEXT, [("1.5", "one"), ("inf", "two")])
    with pytest.raises(ExamplesError, match="the label 'inf' is no number"):
        read_task(endless, None, None, dev_share=0.2, seed=1, labels="grades")
    same = write_rows(tmp_path / "same.tsv", TEXT, [("2", "one"), ("2.0", "two")])
    with pytest.raises(ExamplesError, match="has the label '2' alone"):
        read_task(same, None, None, dev_share=0.5, seed=1, labels="grades")


def test_a_teacher_that_labels_needs_texts_alone(tmp_path: Path, tables: Path) -> None:
    unlabelled = write_graded(tmp_path / "train.tsv", labelled=False)
    task = read_task(unlabelled, None, None, dev_share=0.2, seed=1, labels="teacher")
    assert (len(task.train), set(task.train.labels.tolist())) == (48, {""})
    also = read_task(tables / "pairs.tsv", None, None, dev_share=0.2, seed=1, labels="teacher")
    assert set(also.train.labels.tolist()) == {""}
    with pytest.raises(ExamplesError, match="needs the columns label and text"):
        read_task(unlabelled, None, None, dev_share=0.2, seed=1)
    nothing = write_rows(tmp_path / "nothing.tsv", ("label",), [("1",)])
    with pytest.raises(ExamplesError, match="needs the column text"):
        read_task(nothing, None, None, dev_share=0.2, seed=1, labels="teacher")


def test_examples_without_labels_are_not_those_of_dev_or_test(tmp_path: Path, tables: Path) -> None:
    train = write_texts(tmp_path / "train.tsv", 30)
    test = write_texts(tmp_path / "test.tsv", 9, seed=1)
    seen = [line.split("\t")[1] for line in test.read_text(encoding="utf-8").splitlines()[1:4]]
    further = write_rows(tmp_path / "further.tsv", ("text",), [(text,) for text in ["one new", *seen, "another"]])
    task = read_task(train, None, test, dev_share=0.2, seed=1, unlabelled=further)
    assert task.unlabelled is not None
    assert task.unlabelled.columns == (("one new", "another"),)
    assert [len(one) for one in task.lessons] == [24, 2]
    with pytest.raises(ExamplesError, match="columns of a pair head"):
        read_task(train, None, test, dev_share=0.2, seed=1, unlabelled=tables / "pairs.tsv")
