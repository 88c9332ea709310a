import numpy as np

from service.ranking.candidates import Words
from service.text.terms import NO_TERMS
from tests.service.ranking.columns import terms


def test_words_know_whose_they_are_and_where_they_stand() -> None:
    words = Words.of([terms("red wine"), NO_TERMS, terms("blue", idf=170)])
    assert words.owners.tolist() == [0, 0, 2]
    assert words.places.tolist() == [0, 1, 0]
    np.testing.assert_allclose(words.idf, [0.5, 0.5, 1.0])
    assert words.hashes.tolist() == [0, 2, 1]


def test_how_many_words_texts_have_and_how_far_they_repeat_them() -> None:
    words = Words.of([terms("red wine"), NO_TERMS, terms("blue", repetition=255)])
    assert words.counts.tolist() == [2, 0, 1]
    assert words.repetition.tolist() == [0, 0, 1]


def test_no_texts_have_no_words() -> None:
    assert Words.of([]).hashes.size == 0
