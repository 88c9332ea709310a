import numpy as np
import pytest

from service.ranking.upstream import (
    FRESHNESS_HALF_LIFE_S,
    freshness,
    popularity,
    upstream_position,
    upstream_score,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1, 3, 2], [0, 1, 0.5]),
        ([5, NAN, 6], [0, NAN, 1]),
        ([4, 4, NAN], [0.5, 0.5, NAN]),
        ([NAN, NAN, NAN], [NAN, NAN, NAN]),
        ([-1.7e308, 0, 1.7e308], [0, 0.5, 1]),
        ([], []),
    ],
)
def test_upstream_scores_lie_between_0_and_1(given: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(upstream_score(np.array(given, dtype=np.float64)), expected)


def test_upstream_position_falls() -> None:
    positions = upstream_position(4)
    assert positions[0] == 1
    assert (np.diff(positions) < 0).all()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([0, 9, 99], [0, 0.5, 1]),
        ([NAN, 9, 0], [NAN, 1, 0]),
        ([0, 0, NAN], [0, 0, NAN]),
        ([NAN], [NAN]),
        ([1e308], [1]),
        ([], []),
    ],
)
def test_popularity_is_logarithmic(counts: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(popularity(np.array(counts, dtype=np.float64)), expected)


def test_freshness_halves() -> None:
    ages = np.array([0, FRESHNESS_HALF_LIFE_S, 1e308, NAN])
    np.testing.assert_allclose(freshness(ages), [1, 0.5, 0, NAN])
