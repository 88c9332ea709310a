import hashlib
from pathlib import Path

import pytest

from model_build.common.errors import BuildError, ExamplesError
from model_build.heads.data import check_held_out, check_training, read_examples
from tests.model_build.heads.tables import write_pairs, write_rows, write_texts

TEXT, PAIR = ("label", "text"), ("label", "text_a", "text_b")


@pytest.mark.parametrize("name", ["train.tsv", "train.tsv.xz", "train.tsv.gz"])
def test_texts_are_read_plain_and_compressed(tmp_path: Path, name: str) -> None:
    path = write_texts(tmp_path / name, per_class=3)
    examples = read_examples(path)
    assert examples.kind == "text"
    assert examples.classes == ["money", "travel"]
    assert len(examples) == 6
    assert examples.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_pairs_are_known_by_their_columns(tmp_path: Path) -> None:
    examples = read_examples(write_pairs(tmp_path / "pairs.tsv", pairs=4))
    assert examples.kind == "pair"
    assert [len(column) for column in examples.columns] == [4, 4]


def test_a_table_of_texts_with_a_second_text_is_of_pairs(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.tsv", ("label", "text_b", "text"), [("yes", "second", "first")])
    examples = read_examples(path)
    assert (examples.kind, examples.columns) == ("pair", (("first",), ("second",)))


def test_columns_may_stand_in_any_order_beside_others(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.tsv", ("\ufeffid", "text", "label"), [("7", "call a taxi", "travel")])
    examples = read_examples(path)
    assert (examples.columns, examples.labels.tolist()) == ((("call a taxi",),), ["travel"])
    path.write_text("\ufefflabel\ttext\ntravel\tcall a taxi\n\n")
    assert len(read_examples(path)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"text\tclass\na\tb\n", "needs the columns label and text"),
        (b"label\ttext_a\na\tb\n", "needs the columns label and text"),
        (b"", "needs the columns label and text"),
        (b"label\ttext\n", "has no rows"),
        (b"label\ttext\na\tb\tc\n", "line 2: 3 columns, but the header has 2"),
        (b"label\ttext\na\tb\nalone\n", "line 3: 1 columns, but the header has 2"),
        (b"label\ttext\na\t \n", "line 2: the text is blank"),
        (b"label\ttext_a\ttext_b\na\tb\t\n", "line 2: the text is blank"),
        (b"label\ttext\n\tb\n", "line 2: a label has 1 to 128 characters"),
        (b"label\ttext\na\x07\tb\n", "line 2: a label has 1 to 128 characters"),
        (b"label\ttext\n" + b"a" * 129 + b"\tb\n", "line 2: a label has 1 to 128 characters"),
        ("label\ttext\né\tb\n".encode("latin-1"), "can't be read as UTF-8"),
    ],
)
def test_what_is_no_table_of_examples_is_reported_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "train.tsv"
    path.write_bytes(content)
    with pytest.raises(BuildError) as caught:
        read_examples(path)
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match="there is no file"):
        read_examples(tmp_path / "none.tsv")
    torn = write_texts(tmp_path / "train.tsv.xz")
    torn.write_bytes(torn.read_bytes()[:-20])
    with pytest.raises(BuildError, match="can't be read"):
        read_examples(torn)


def test_what_is_held_out_does_not_train(tmp_path: Path) -> None:
    train = read_examples(
        write_rows(tmp_path / "train.tsv", TEXT, [("a", "Call  a TAXI"), ("a", "ride"), ("b", "pay"), ("b", "bill")])
    )
    test = read_examples(write_rows(tmp_path / "test.tsv", TEXT, [("b", "call a taxi")]))
    kept = train.without([test])
    assert kept.columns == (("ride", "pay", "bill"),)
    assert kept.labels.tolist() == ["a", "b", "b"]


def test_a_pair_is_the_same_whichever_text_comes_first(tmp_path: Path) -> None:
    train = read_examples(write_rows(tmp_path / "train.tsv", PAIR, [("a", "one", "two"), ("b", "one", "three")]))
    test = read_examples(write_rows(tmp_path / "test.tsv", PAIR, [("b", "TWO", "one")]))
    assert train.without([test]).columns == (("one",), ("three",))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["a", "a"], "has only the label 'a'"),
        (["a", "a", "b", "b", "c"], r"the label 'c' has one example; each needs two"),
        (["a", "a", "b", "c"], r"the label 'b' has one example \(and 1 more like it\)"),
        ([str(number) for number in range(1001) for _ in range(2)], "1,001 labels"),
    ],
)
def test_what_nothing_can_be_fitted_to(tmp_path: Path, labels: list[str], told: str) -> None:
    rows = [(label, f"text {number}") for number, label in enumerate(labels)]
    with pytest.raises(ExamplesError, match=told):
        check_training(read_examples(write_rows(tmp_path / "train.tsv", TEXT, rows)))


def test_what_can_not_be_measured_on(tmp_path: Path) -> None:
    train = read_examples(write_texts(tmp_path / "train.tsv"))
    other = read_examples(write_rows(tmp_path / "test.tsv", TEXT, [("food", "a"), ("money", "b")]))
    with pytest.raises(ExamplesError, match=r"has the label 'food', which .*train\.tsv lacks"):
        check_held_out(other, train)
    with pytest.raises(ExamplesError, match="columns of a pair head"):
        check_held_out(read_examples(write_pairs(tmp_path / "pairs.tsv")), train)
    check_held_out(train, train)
