import numpy as np
from scipy import stats

from loadtests.load.randomness import key_of, uniforms, uniforms_of


def test_the_same_key_gives_the_same_numbers_and_another_gives_others() -> None:
    assert uniforms(key_of(1, 2), 100).tolist() == uniforms(key_of(1, 2), 100).tolist()
    assert len({key_of(1, 2), key_of(2, 1), key_of(1), key_of(1, 2, 0), key_of(-1)}) == 5


def test_a_number_needs_none_before_it() -> None:
    assert uniforms(7, 50)[:10].tolist() == uniforms(7, 10).tolist()


def test_numbers_are_spread_evenly() -> None:
    of_a_key = uniforms(key_of(3), 20_000)
    of_values = uniforms_of(np.arange(20_000), key_of(3))
    for numbers in (of_a_key, of_values):
        assert numbers.min() >= 0
        assert numbers.max() < 1
        assert stats.kstest(numbers, "uniform").pvalue > 0.001
        assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.03
