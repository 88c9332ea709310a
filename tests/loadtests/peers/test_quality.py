import numpy as np
import pytest

from loadtests.peers.peer import Request
from loadtests.peers.quality import measure_quality, texts_of
from model_build.evaluation.tasks.search import Query, SearchProblem


def _query(text: str, documents: list[int], grades: list[float]) -> Query:
    return Query(text, np.array(documents), np.array(grades))


FILMS = SearchProblem(
    documents=("alien", "heat", "jaws", "never asked for"),
    queries=(_query("space", [0, 1, 2], [1, 0, 0]), _query("shark", [2, 1], [1, 0])),
    split="two queries",
)
RIGHT = {"space": "alien", "shark": "jaws"}


def test_what_puts_the_right_film_first_has_all() -> None:
    quality = measure_quality(FILMS, lambda request: [float(text == RIGHT[request.query]) for text in request.texts])
    assert quality.value == quality.interval.low == quality.interval.high == 1.0


def test_scores_that_differ_by_less_than_rounding_still_order() -> None:
    quality = measure_quality(
        FILMS, lambda request: [1.0 - 1e-9 * (text != RIGHT[request.query]) for text in request.texts]
    )
    assert quality.value == 1.0


def test_the_order_in_which_films_come_earns_nothing() -> None:
    asked: list[Request] = []

    def rank(request: Request) -> list[float]:
        asked.append(request)
        return [0.0] * len(request.texts)

    many = SearchProblem(FILMS.documents, FILMS.queries[:1] * 50, "one query, often")
    quality = measure_quality(many, rank)
    chance = float(np.mean(1 / np.log2([2, 3, 4])))
    assert quality.value == pytest.approx(chance)
    assert {request.texts[0] for request in asked} == {"alien", "heat", "jaws"}


def test_every_film_that_is_asked_for_is_reported_once() -> None:
    assert texts_of(FILMS) == ["alien", "heat", "jaws"]
