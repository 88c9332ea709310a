import re

import pytest

from model_build.ranking.data.demo_questions import DEMO_QUESTIONS, read_demo_questions
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.settings import DEMO_CATALOGUE


@pytest.fixture(scope="module")
def catalogue() -> list[Item]:
    return read_catalogue(DEMO_CATALOGUE)


def test_the_packaged_questions_fit_the_demo_catalogue(catalogue: list[Item]) -> None:
    questions = read_demo_questions()
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
        assert all(3 <= len(history) == len(set(history)) <= 5 for history in (question.related, question.unrelated))
        assert not {categories[item] for item in unrelated} & {categories[item] for item in relevant}
    assert {"send flowers to my mother", "fix the leak in my bathroom"} <= {question.query for question in questions}


def test_no_question_is_an_item_s_title(catalogue: list[Item]) -> None:
    titles = {item.id: words(item.title) for item in catalogue}
    for question in read_demo_questions():
        assert not any(words(question.query) <= titles[item] for item in question.relevant), question.query


def test_every_category_answers_something(catalogue: list[Item]) -> None:
    categories = {item.id: item.category for item in catalogue}
    answered = {categories[item] for question in read_demo_questions() for item in question.relevant}
    assert answered == set(categories.values())


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def test_the_questions_are_packaged() -> None:
    assert DEMO_QUESTIONS.is_file()
    assert DEMO_QUESTIONS.parent.name == "data"
