import numpy as np
import pytest

from loadtests.load.permutation import Permutation


@pytest.mark.parametrize("length", [1, 2, 3, 10, 97, 1000, 4097])
def test_every_id_has_one_rank(length: int) -> None:
    permutation = Permutation(length, seed=5)
    ids = permutation.ids_of(np.arange(length))
    assert sorted(ids.tolist()) == list(range(length))
    assert permutation.ranks_of(ids).tolist() == list(range(length))


def test_seeds_scatter_differently_and_neighbours_apart() -> None:
    first, second = (Permutation(100_000, seed).ids_of(np.arange(1000)) for seed in (1, 2))
    assert first.tolist() != second.tolist()
    assert abs(np.corrcoef(np.arange(1000), first)[0, 1]) < 0.1


def test_hundreds_of_millions_take_no_table() -> None:
    permutation = Permutation(400_000_000, seed=1)
    ranks = np.array([0, 1, 399_999_999])
    assert permutation.ranks_of(permutation.ids_of(ranks)).tolist() == ranks.tolist()
