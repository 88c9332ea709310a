import pytest

from loadtests.report.stretch import MOST_WINDOWS, duration_s, phases, whole, windows
from tests.loadtests.recordings import recording


def test_phases_hold_the_seconds_that_begin_in_them() -> None:
    assert [[one.second for one in stretch.seconds] for stretch in phases(recording())] == [
        [0, 1, 2, 3, 4, 5],
        [6, 7, 8],
        [9, 10, 11],
    ]


def test_counts_are_summed_and_latencies_merged() -> None:
    stretch = whole(recording())
    assert stretch.total("answered") == 12 * 8
    assert stretch.per_second("sent") == 11
    merged = stretch.latencies("from_sent")
    assert merged.count == 12 * 8
    # A quarter took 100 ms: the mean of the seconds' 99th percentiles would be 32 ms.
    assert merged.percentile_ms(99) == pytest.approx(100, rel=0.01)
    assert merged.percentile_ms(50) == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize(("length", "width"), [(1, 1), (MOST_WINDOWS, 1), (MOST_WINDOWS + 1, 2), (600, 5)])
def test_windows_are_as_narrow_as_their_number_allows(length: int, width: int) -> None:
    made = windows(recording(length))
    assert len(made) <= MOST_WINDOWS
    assert made[0].end_s - made[0].start_s == width
    assert [one.second for stretch in made for one in stretch.seconds] == list(range(length))
    assert made[-1].end_s == length


def test_a_run_of_days_has_windows_too() -> None:
    run = recording(1)
    run.seconds[0].second = 30 * 86_400
    assert windows(run)[-1].total("asked") == 12


def test_nothing_was_recorded() -> None:
    stretch = whole(recording(0))
    assert (duration_s(recording(0)), windows(recording(0)), stretch.total("sent")) == (0, [], 0)
    assert stretch.per_second("sent") is None
    assert stretch.latencies("from_sent").percentile_ms(50) is None


def test_what_was_observed_in_some_seconds_only() -> None:
    run = recording(4)
    run.seconds[0].observed = {}
    run.seconds[1].observed["service_cores"] = 2.0
    stretch = whole(run)
    assert stretch.mean("service_cores") == pytest.approx((2.0 + 0.5 + 0.5) / 3)
    assert stretch.most("service_cores") == 2.0
    assert stretch.sum("shed") == 6
    assert stretch.mean("never") is stretch.most("never") is stretch.sum("never") is None
