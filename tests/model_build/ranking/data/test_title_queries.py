import numpy as np

from model_build.ranking.data.behaviour_set import Catalogue
from model_build.ranking.data.title_queries import TitleQueries

TEXTS = ["Red mug of Anna", *["Red cup"] * 5, *["blue mug"] * 5, "xylophone"]
CATALOGUE = Catalogue([str(place) for place in range(len(TEXTS))], TEXTS, [None] * len(TEXTS))


def test_a_query_has_words_that_several_items_share() -> None:
    draw, titles = np.random.default_rng(0), TitleQueries(CATALOGUE)
    assert {titles.draw(0, draw) for _ in range(40)} == {"red", "mug", "red mug"}


def test_a_title_of_its_own_words_alone_has_none() -> None:
    assert TitleQueries(CATALOGUE).draw(len(TEXTS) - 1, np.random.default_rng(0)) is None


def test_what_matches_has_a_word_of_the_query() -> None:
    found = TitleQueries(CATALOGUE).matches("red", np.array([0, 1]), np.random.default_rng(0))
    assert sorted(found.tolist()) == [2, 3, 4, 5]
