import pytest

from loadtests.load.histogram import Latencies


def of(*seconds: float) -> Latencies:
    made = Latencies()
    for one in seconds:
        made.add(one)
    return made


def test_percentiles_are_right_to_within_a_hundredth() -> None:
    latencies = of(*(number / 1000 for number in range(1, 1001)))
    assert latencies.count == 1000
    for percent in (1, 50, 99):
        assert latencies.percentile_ms(percent) == pytest.approx(percent * 10, rel=0.01)


def test_none_has_no_percentile() -> None:
    assert Latencies().percentile_ms(99) is None
    assert Latencies().sum_s == 0


def test_extremes_count_as_the_least_and_the_most() -> None:
    assert of(0.0).percentile_ms(50) == pytest.approx(0.001, abs=0.001)
    assert of(500.0).percentile_ms(50) == pytest.approx(120_000, rel=0.01)


def test_parts_add_up() -> None:
    whole = Latencies.together([of(0.01, 0.02), of(), of(0.03)])
    assert whole.count == 3
    assert whole.percentile_ms(100) == pytest.approx(30, rel=0.01)
    assert whole.sum_s == pytest.approx(0.06, rel=0.01)


def test_what_is_encoded_can_be_decoded_and_added_to() -> None:
    decoded = Latencies.decoded(of(0.01, 0.5).encoded())
    decoded.add(0.2)
    assert decoded.count == 3
    assert decoded.percentile_ms(50) == pytest.approx(200, rel=0.01)


def test_counts_within_bounds_accumulate() -> None:
    assert of(0.001, 0.002, 0.02, 0.02, 3).counts_within([0.0015, 0.01, 0.1]) == [1, 2, 4]
    assert Latencies().counts_within([0.1]) == [0]


@pytest.mark.parametrize("text", ["", "AAAA", "no histogram"])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Latencies.decoded(text)
