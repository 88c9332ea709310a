import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.encoder.base import mean_direction
from service.ranking.candidates import Signal, Windows
from service.ranking.similarity import similarities
from tests.service.ranking.columns import EAST, NORTH

ROOT = float(np.sqrt(0.5))


def similarity(query: NDArray[np.float32], *texts: list[NDArray[np.float32]]) -> Signal:
    """The similarities of a query to texts with those windows."""
    wholes = [mean_direction(np.stack(one)) if one else np.zeros(2) for one in texts]
    owners = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
    windows = [window for one in texts for window in one]
    vectors = np.array(windows, dtype=np.float32).reshape(-1, 2)
    return similarities(query, np.array(wholes, dtype=np.float32).reshape(-1, 2), Windows(vectors, owners))


def test_of_short_texts_it_is_the_cosine() -> None:
    np.testing.assert_array_equal(similarity(EAST, [EAST], [NORTH], [-EAST]), [1, 0, -1])


def test_of_a_long_text_beginning_best_part_and_whole_count_alike() -> None:
    found = similarity(EAST, [EAST, NORTH], [NORTH, EAST], [NORTH], [NORTH, -EAST])
    np.testing.assert_allclose(found, [(1 + 1 + ROOT) / 3, (0 + 1 + ROOT) / 3, 0, (0 + 0 - ROOT) / 3], atol=1e-6)


def test_of_what_has_no_windows_nothing_is_known() -> None:
    np.testing.assert_array_equal(similarity(EAST, [], [EAST], []), [np.nan, 1, np.nan])
    np.testing.assert_allclose(similarity(EAST, [], [NORTH, EAST])[1], (1 + ROOT) / 3, atol=1e-6)
    assert np.isnan(similarity(EAST, [], [])).all()
    assert similarity(EAST).size == 0


@given(angles=st.lists(st.lists(st.floats(0, 6.3), min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_text_s_similarity_does_not_depend_on_its_company(angles: list[list[float]]) -> None:
    texts = [[np.array([np.cos(one), np.sin(one)], dtype=np.float32) for one in text] for text in angles]
    together = similarity(EAST, *texts)
    np.testing.assert_allclose(together, [similarity(EAST, one)[0] for one in texts], atol=1e-6)
    assert (np.abs(together) <= 1 + 1e-6).all()
