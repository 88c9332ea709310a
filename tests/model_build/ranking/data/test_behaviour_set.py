from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import DataError
from model_build.ranking.data.behaviour_set import (
    AMAZON_OFFICE,
    ML_LATEST_SMALL,
    ONLINE_RETAIL,
    of_five,
    of_ten,
)
from tests.model_build.evaluation.benchmark import write_table
from tests.model_build.ranking.benchmark import write_ranking_data


def test_the_rows_of_the_test_are_taken_out(tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    catalogue = ONLINE_RETAIL.catalogue(tmp_path)
    found = ONLINE_RETAIL.interactions(tmp_path, catalogue)
    assert len(found.items) == 12 * 5
    assert 5 not in found.items[found.owners == found.users.index("u0")]


def test_each_users_rows_are_in_the_order_of_time(tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    folder = tmp_path / "benchmark" / "behaviour" / "online_retail"
    write_table(folder / "interactions.tsv.xz", "user|item_id|ts", "b|1|9", "a|2|7", "b|3|2", "b|999|1", "b|4|9")
    found = ONLINE_RETAIL.interactions(tmp_path, ONLINE_RETAIL.catalogue(tmp_path))
    assert [found.users[owner] for owner in found.owners] == ["b", "b", "b", "a"]
    assert found.items.tolist() == [3, 1, 4, 2]


def test_sequences_are_interactions_without_times(tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    found = AMAZON_OFFICE.interactions(tmp_path, AMAZON_OFFICE.catalogue(tmp_path))
    assert found.items[:5].tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(found.times).all()


def test_a_category_is_the_first_that_a_column_names(tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    catalogue = ML_LATEST_SMALL.catalogue(tmp_path)
    assert catalogue.categories[0] == "split"
    assert catalogue.texts[1] == "bill split split, x"
    assert ONLINE_RETAIL.catalogue(tmp_path).categories[0] is None


def test_ratings_tell_what_was_liked() -> None:
    assert [of_five(rating) for rating in (2, 2.5, 3.5, 4)] == [False, False, False, True]
    assert [of_ten(rating) for rating in (0, 1, 4, 5, 10)] == [True, False, False, True, True]


def test_a_rating_that_is_no_number_is_one_line(tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    folder = tmp_path / "benchmark" / "behaviour" / "ml_latest_small"
    write_table(folder / "interactions.tsv.xz", "user|item_id|rating|ts", "u0|1|good|3")
    with pytest.raises(DataError, match="not a number"):
        ML_LATEST_SMALL.interactions(tmp_path, ML_LATEST_SMALL.catalogue(tmp_path))


def test_nothing_to_learn_from_is_one_line(tmp_path: Path) -> None:
    write_ranking_data(tmp_path)
    folder = tmp_path / "benchmark" / "behaviour" / "online_retail"
    write_table(folder / "interactions.tsv.xz", "user|item_id|ts", "u0|5|3")
    with pytest.raises(DataError, match="has no rows to learn from"):
        ONLINE_RETAIL.interactions(tmp_path, ONLINE_RETAIL.catalogue(tmp_path))
