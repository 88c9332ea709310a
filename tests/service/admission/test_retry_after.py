import pytest

from service.admission.retry_after import LONGEST_S, RetryAfterPolicy


def promises(uniform: float = 0.0) -> RetryAfterPolicy:
    return RetryAfterPolicy(lambda: uniform)


def test_as_soon_as_it_would_not_be_late() -> None:
    assert promises().wait_s(late_s=3, work_s=0.01, now_s=50) == pytest.approx(3.02)


def test_those_who_are_refused_together_come_again_one_after_the_other() -> None:
    made = promises()
    waits = [made.wait_s(late_s=1, work_s=0.1, now_s=50) for _ in range(100)]
    assert waits == sorted(waits)
    assert waits[-1] - waits[0] > 19  # half of what can be done is kept for them


def test_there_is_an_end_to_it_which_is_not_the_same_for_all() -> None:
    made = RetryAfterPolicy()
    waits = [made.wait_s(late_s=1, work_s=1, now_s=50) for _ in range(1000)]
    assert max(waits) <= LONGEST_S
    last = sorted(waits[500:])
    assert last[-1] - last[0] > 0.2 * LONGEST_S
    assert made.wait_s(late_s=1, work_s=1, now_s=500) < 6


def test_jitter_only_adds() -> None:
    assert promises(0.9).wait_s(late_s=2, work_s=0, now_s=50) > promises().wait_s(late_s=2, work_s=0, now_s=50) == 2


def test_who_comes_before_its_time_is_counted_once_it_is_taken_on() -> None:
    made = promises()
    for _ in range(100):
        made.wait_s(late_s=0, work_s=0.1, now_s=50)
        made.admitted(work_s=0.1)
    assert made.wait_s(late_s=0, work_s=0.1, now_s=50) < 11  # it would be 20
