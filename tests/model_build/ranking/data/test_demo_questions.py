import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from model_build.common.errors import DataError
from model_build.ranking.data.demo_questions import DEMO_QUESTIONS, read_demo_questions
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.settings import DEMO_CATALOGUE

ITEMS = [Item(name, name, name, category=name[0]) for name in ("a1", "a2", "b1", "b2", "b3", "c1", "c2", "c3", "c4")]
QUESTION = {"query": "an a", "relevant": {"a1": 3}, "related": ["b1", "b2", "b3"], "unrelated": ["c1", "c2", "c3"]}


@pytest.fixture(scope="module")
def catalogue() -> list[Item]:
    return read_catalogue(DEMO_CATALOGUE)


def test_the_packaged_questions_fit_the_demo_catalogue(catalogue: list[Item]) -> None:
    questions = read_demo_questions(catalogue)
    categories = {item.id: item.category for item in catalogue}
    assert len(questions) == 40
    assert len({question.query.casefold() for question in questions}) == 40
    for question in questions:
        relevant, related, unrelated = set(question.relevant), set(question.related), set(question.unrelated)
        assert relevant | related | unrelated <= categories.keys()
        assert set(question.relevant.values()) <= {1, 2, 3}
        assert max(question.relevant.values()) == 3
        assert not relevant & (related | unrelated)
        assert not related & unrelated
        assert not {categories[item] for item in unrelated} & {categories[item] for item in relevant}
    assert {"send flowers to my mother", "fix the leak in my bathroom"} <= {question.query for question in questions}


def test_no_question_is_an_item_s_title(catalogue: list[Item]) -> None:
    titles = {item.id: words(item.title) for item in catalogue}
    for question in read_demo_questions(catalogue):
        assert not any(words(question.query) <= titles[item] for item in question.relevant), question.query


def test_every_category_answers_something(catalogue: list[Item]) -> None:
    categories = {item.id: item.category for item in catalogue}
    answered = {categories[item] for question in read_demo_questions(catalogue) for item in question.relevant}
    assert answered == set(categories.values())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"relevant": {"a1": 4}}, "relevant.a1: Input should be less than or equal to 3"),
        ({"relevant": {"a1": 0}}, "relevant.a1: Input should be greater than or equal to 1"),
        ({"relevant": {"a1": "3"}}, "relevant.a1: Input should be a valid integer"),
        ({"relevant": {}}, "relevant: .* at least 1 item"),
        ({"related": ["b1"]}, "related: .* at least 3 items"),
        ({"unrelated": ["c1"] * 6}, "unrelated: .* at most 5 items"),
        ({"related": ["b1", "b2", "a1"]}, "a1 is named twice"),
        ({"unrelated": ["c1", "c1", "c2"]}, "c1 is named twice"),
        ({"related": ["b1", "b2", "d1"]}, "the catalogue has no item d1"),
        ({"unrelated": ["c1", "c2", "a2"]}, "a2 is called unrelated, but a relevant item is of its category"),
        ({"query": ""}, "query: String should have at least 1 character"),
        ({"quest": "x"}, "quest: Extra inputs"),
    ],
)
def test_what_is_no_question_is_told_in_a_line(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    write(path, QUESTION | {"query": "the first"}, QUESTION | changes)
    with pytest.raises(DataError, match=rf"questions\.jsonl, line 2: .*{told}") as error:
        read_demo_questions(ITEMS, path)
    assert "\n" not in str(error.value)


def test_what_is_no_file_of_questions_is_told_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    with pytest.raises(DataError, match=r"can't be read: No such file"):
        read_demo_questions(ITEMS, path)
    path.write_bytes(b"\xff")
    with pytest.raises(DataError, match="is not UTF-8"):
        read_demo_questions(ITEMS, path)
    path.write_text("")
    with pytest.raises(DataError, match="holds no questions"):
        read_demo_questions(ITEMS, path)
    path.write_text("{\n")
    with pytest.raises(DataError, match="line 1: document: Invalid JSON"):
        read_demo_questions(ITEMS, path)
    write(path, QUESTION, QUESTION)
    with pytest.raises(DataError, match="line 2: an earlier line asks the same"):
        read_demo_questions(ITEMS, path)


def write(path: Path, *questions: Mapping[str, object]) -> None:
    path.write_text("".join(f"{json.dumps(question)}\n" for question in questions))


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def test_the_questions_are_packaged() -> None:
    assert DEMO_QUESTIONS.is_file()
    assert DEMO_QUESTIONS.parent.name == "data"
