import numpy as np

from service.ranking.diversification import pairwise_similarities
from tests.service.ranking.columns import EAST, NOWHERE, candidates


def test_categories_count_where_vectors_are_missing() -> None:
    seen = candidates([EAST, NOWHERE, NOWHERE, NOWHERE], categories=["food", "food", "travel", None])
    alike = pairwise_similarities(seen)
    np.testing.assert_array_equal(alike[0], [1, 1, 0, 0])
    np.testing.assert_array_equal(alike[3], [0, 0, 0, 0])
