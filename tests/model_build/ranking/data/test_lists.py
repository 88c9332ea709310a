import numpy as np
import pytest

from model_build.ranking.data.lists import balance, qualities
from service.ranking.signals import SIGNALS
from tests.model_build.ranking.benchmark import judged

OVERLAP = {name: float(name == "query_overlap") for name in SIGNALS}


def test_gains_count_as_ndcg_counts_them() -> None:
    best = judged([0.0, 3.0, 1.0], query_overlap=[0.0, 1.0, 0.5])
    worst = judged([0.0, 3.0, 1.0], query_overlap=[1.0, 0.0, 0.5])
    found = qualities([best, worst], OVERLAP, "NDCG@10")
    ideal = 3 + 1 / np.log2(3)
    assert found == pytest.approx([1.0, (1 / np.log2(3) + 3 / 2) / ideal])


def test_a_target_among_the_first_ten_is_a_hit() -> None:
    hit = judged([1.0, *[0.0] * 11], query_overlap=[0.5, *[0.9] * 9, 0.1, 0.1])
    miss = judged([1.0, *[0.0] * 11], query_overlap=[0.5, *[0.9] * 10, 0.1])
    assert qualities([hit, miss], OVERLAP, "HR@10").tolist() == [1.0, 0.0]


def test_the_place_of_the_target_gives_nothing_away() -> None:
    alike = judged([1.0, *[0.0] * 19], query_overlap=[0.5] * 20)
    assert qualities([alike], OVERLAP, "HR@10") == pytest.approx([0.5])


def test_every_set_counts_the_same() -> None:
    lists = [judged([1.0], source=source) for source in ("a", "a", "a", "b")]
    assert balance(lists) == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
