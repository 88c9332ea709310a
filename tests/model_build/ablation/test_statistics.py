import pytest

from model_build.ablation.statistics import Difference, Estimate, estimate, paired_difference


def test_an_interval_is_students() -> None:
    # t(0.975, 2 degrees of freedom) = 4.3027; standard error 1 / sqrt(3).
    found = estimate([1.0, 2.0, 3.0])
    assert found.mean == pytest.approx(2.0)
    assert found.high - found.mean == pytest.approx(4.3027 / 3**0.5, abs=1e-4)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_one_value_has_no_interval() -> None:
    with pytest.raises(ValueError, match="at least two"):
        estimate([1.0])


def test_pairing_takes_out_what_seeds_share() -> None:
    found = paired_difference([1.1, 5.1, 9.1], [1.0, 5.0, 9.0])
    assert found.estimate.low == pytest.approx(0.1)
    assert (found.higher, found.seeds, found.shown) == (3, 3, True)


@pytest.mark.parametrize(("low", "high", "shown"), [(-1, 1, False), (0, 1, False), (0.1, 1, True), (-1, -0.1, True)])
def test_what_is_shown_leaves_0_out(low: float, high: float, shown: bool) -> None:
    assert Difference(Estimate((low + high) / 2, low, high), 1, 3).shown is shown


def test_no_difference_at_all_is_not_shown() -> None:
    found = paired_difference([0.5, 0.7], [0.5, 0.7])
    assert (found.higher, found.shown) == (0, False)
