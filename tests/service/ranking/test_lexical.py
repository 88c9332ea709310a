import numpy as np
import pytest

from service.ranking.candidates import Candidates, Signal
from service.ranking.lexical import LENGTH_WEIGHT, USUAL_WORDS, history_overlap, query_overlaps
from service.text.terms import NO_TERMS, Compound, Terms
from tests.service.ranking.columns import EAST, NORTH, NOWHERE, candidates, hashed, terms


def query_overlap(seen: Candidates, query: Terms | None) -> Signal:
    return query_overlaps(seen, query)[0]


SEEN = candidates([EAST, NORTH, NOWHERE], texts=[terms("red wine glass"), terms("blue"), NO_TERMS])


def test_the_share_of_the_query_s_words_counts() -> None:
    np.testing.assert_allclose(query_overlap(SEEN, terms("red wine blue x1")), [0.5, 0.25, np.nan])


def test_the_lead_is_the_text_s_first_words() -> None:
    seen = candidates([EAST, NORTH, NOWHERE], texts=[terms("red blue wine glass x1"), terms("x1 red wine"), NO_TERMS])
    overall, lead = query_overlaps(seen, terms("x1 wine"))
    np.testing.assert_allclose(overall, [1, 1, np.nan])
    np.testing.assert_allclose(lead, [0.5, 1, np.nan])


def test_rare_words_count_more() -> None:
    common, rare = terms("red", idf=10), terms("x1", idf=170)
    query = Terms(common.hashes + rare.hashes, common.idf + rare.idf)
    seen = candidates([EAST, NORTH], texts=[terms("red"), terms("x1")])
    np.testing.assert_allclose(query_overlap(seen, query), [10 / 180, 170 / 180])


def test_words_that_many_candidates_have_count_less() -> None:
    seen = candidates([EAST, NORTH, EAST, NOWHERE], texts=[terms("red wine"), terms("red"), terms("blue"), NO_TERMS])
    two, one = np.log1p(4 / 2), np.log1p(4)  # of four candidates; what none has counts as what one has
    np.testing.assert_allclose(query_overlap(seen, terms("red wine")), [1, two / (two + one), 0, np.nan])
    np.testing.assert_allclose(query_overlap(seen, terms("red x1")), [two / (two + one)] * 2 + [0, np.nan])


def test_words_count_a_little_less_in_a_long_text() -> None:
    usual, double = hashed(range(USUAL_WORDS)), hashed(range(2 * USUAL_WORDS))
    seen = candidates([EAST] * 3, texts=[terms("red"), usual, double])
    expected = [1, 1, 1 / (1 + LENGTH_WEIGHT * np.log(2))]
    for overlap in query_overlaps(seen, terms("red")):
        np.testing.assert_allclose(overlap, expected)


T, SHIRT, TSHIRT, WHITE = 7, 8, 9, 10
T_SHIRT = Compound(TSHIRT, (T, SHIRT))


def test_a_compound_is_found_however_it_is_spelt() -> None:
    texts = [hashed([T, SHIRT, WHITE], compounds=[T_SHIRT]), hashed([TSHIRT, WHITE]), hashed([SHIRT]), hashed([WHITE])]
    seen = candidates([EAST] * 4, texts=texts)
    assert query_overlap(seen, hashed([TSHIRT])).tolist() == [1, 1, 0, 0]
    hyphenated = query_overlap(seen, hashed([T, SHIRT], compounds=[T_SHIRT]))
    assert hyphenated[0] == hyphenated[1] == 1
    assert 1 > hyphenated[2] > hyphenated[3] == 0


def test_without_candidates_there_is_nothing_to_say() -> None:
    assert [len(one) for one in query_overlaps(candidates([]), terms("red"))] == [0, 0]
    assert len(history_overlap(candidates([]), [terms("red")], np.ones(1))) == 0


@pytest.mark.parametrize("query", [None, NO_TERMS, hashed([1, 2], idf=0)])
def test_a_query_without_words_says_nothing(query: Terms | None) -> None:
    assert np.isnan(query_overlap(SEEN, query)).all()


def test_a_text_without_words_has_none_of_them() -> None:
    seen = candidates([EAST, NORTH], texts=[NO_TERMS, terms("red")])
    assert query_overlap(seen, terms("red")).tolist() == [0, 1]
    assert history_overlap(seen, [terms("red")], np.ones(1)).tolist() == pytest.approx([0, 1])


def test_the_history_s_words_are_compared_as_cosines() -> None:
    liked = [terms("red wine"), terms("blue")]
    overlap = history_overlap(SEEN, liked, np.array([0.75, 0.25]))
    np.testing.assert_allclose(overlap, [0.75 * 2 / np.sqrt(2 * 3), 0.25, np.nan])


def test_no_history_says_nothing() -> None:
    assert np.isnan(history_overlap(SEEN, [], np.zeros(0))).all()
    assert np.isnan(history_overlap(SEEN, [NO_TERMS], np.ones(1))).all()


def test_what_most_candidates_have_tells_them_little_apart() -> None:
    seen = candidates([EAST, NORTH, EAST], texts=[terms("red wine"), terms("red glass"), terms("red x1")])
    common, rare = (history_overlap(seen, [terms(one)], np.ones(1)) for one in ("red", "wine"))
    assert common.tolist() == pytest.approx([common[0]] * 3)
    assert common[0] < rare[0]
