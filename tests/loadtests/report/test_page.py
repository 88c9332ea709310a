import pytest

from loadtests.load.recording import COUNTS, Gate, Recording
from loadtests.report.page import page_of
from tests.loadtests.recordings import recording, run, second


def test_a_row_for_the_whole_run_and_for_each_phase() -> None:
    page = page_of(recording())
    assert [one.stretch for one in page.counts] == ["whole run", "before", "flash", "after"]
    flash = page.counts[2]
    assert (flash.start_s, flash.end_s, flash.asked_rate) == (6, 9, 40.0)
    assert (flash.achieved_rate, flash.answered_rate, flash.in_time_rate) == (11, 8, 7)
    assert flash.ended_in_time == 8 / 9
    assert dict(zip(COUNTS, flash.counts, strict=True)) == {
        "asked": 36,
        "sent": 33,
        "missed": 3,
        "answered": 24,
        "in_time": 21,
        "ended_in_time": 24,
        "refused": 6,
        "late": 3,
        "failed": 0,
        "retried": 3,
        "given_up": 6,
        "degraded": 3,
    }


def test_latencies_of_attempts_and_of_requests() -> None:
    rows = [one for one in page_of(recording()).latencies if one.stretch == "flash"]
    assert [one.count for one in rows] == [24, 24, 24]
    assert [one.percentiles[0] for one in rows] == pytest.approx([200, 100, 300], rel=0.01)


def test_what_was_observed() -> None:
    row = page_of(recording()).observed[2]
    assert row.cores == pytest.approx([0.5, 0.05, 0.25])
    assert row.megabytes == [160, 20, 90]
    assert row.late_ms == 3
    assert row.hits == [0.25, 0.9, 0.7]
    assert row.counted == [6, 3, 33, 0, 0]
    assert row.held == [4, 130]


def test_nothing_was_observed() -> None:
    assert page_of(Recording(run(), [second(0, observed=False)])).observed == []


def test_gates() -> None:
    assert page_of(recording()).failed_gates == 1
    assert page_of(recording(gates=[Gate("never measured", None, most=1.0)])).failed_gates == 1
    assert page_of(recording(gates=())).failed_gates == 0


@pytest.mark.parametrize(("length", "width"), [(0, 0), (1, 1), (12, 1), (600, 5)])
def test_windows(length: int, width: int) -> None:
    assert page_of(recording(length)).window_s == width
