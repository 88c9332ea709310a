import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.admission.rate import LearnedRate
from service.admission.schedule import Job, Schedule

NOW = 1000.0


def schedule(under_way_s: float = 0.0) -> Schedule:
    """One that does ten units a second."""
    return Schedule(LearnedRate(0.1), under_way_s=lambda _: under_way_s)


def add(where: Schedule, units: int, due_s: float = math.inf, now_s: float = NOW) -> Job:
    return where.add(where.offer(units, due_s, now_s), units, due_s, now_s)


def test_what_is_alone_takes_its_own_time() -> None:
    offer = schedule().offer(10, NOW + 2, NOW)
    assert (offer.done_s, offer.late_s) == (NOW + 1, 0)


def test_what_is_under_way_is_waited_for() -> None:
    offer = schedule(under_way_s=3).offer(10, NOW + 2, NOW)
    assert (offer.done_s, offer.late_s) == (NOW + 4, 2)


def test_what_finds_nothing_before_it_is_never_late() -> None:
    assert schedule().offer(1000, NOW + 2, NOW).late_s == 0


def test_a_reserve_makes_it_late_sooner() -> None:
    made = schedule()
    add(made, 10)
    assert made.offer(10, NOW + 2.5, NOW).late_s == 0
    assert made.offer(10, NOW + 2.5, NOW, reserve_s=1).late_s == pytest.approx(0.5)


def test_little_passes_much_until_that_has_waited_as_long_as_its_work() -> None:
    made = schedule()
    large = add(made, 100)
    small = add(made, 1, now_s=NOW + 5)
    assert made.first is small
    later = made.offer(1, math.inf, NOW + 10.1)
    assert later.done_s == pytest.approx(NOW + 10.1 + 10 + 0.1 + 0.1)
    made.add(later, 1, math.inf, NOW + 10.1)
    made.remove(small)
    assert made.first is large


def test_nobody_is_made_late_by_who_passes() -> None:
    made = schedule()
    large = add(made, 100, due_s=NOW + 10.05)
    offer = made.offer(1, math.inf, NOW + 0.01)
    made.add(offer, 1, math.inf, NOW + 0.01)
    assert made.first is large
    assert offer.done_s == pytest.approx(NOW + 0.01 + 10.1)


def test_who_is_late_already_is_passed() -> None:
    made = schedule()
    add(made, 100, due_s=NOW + 1)
    small = add(made, 1)
    assert made.first is small


def test_what_is_begun_leaves_little_by_little() -> None:
    made = schedule()
    job = add(made, 10)
    made.begin(job, 4)
    assert (made.units, len(made)) == (6, 1)
    made.begin(job, 6)
    assert (made.units, len(made), made.first) == (0, 0, None)
    made.remove(job)
    made.give(job, 3)
    assert (made.units, made.first) == (3, job)


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.floats(0.1, 20), st.floats(0, 1)),
        min_size=1,
        max_size=30,
    )
)
def test_what_is_taken_on_is_done_in_time_if_units_take_as_long_as_they_do(
    requests: list[tuple[int, float, float]],
) -> None:
    """Each is taken on only if it is not late; then all is done at the rate that was learned, nothing else comes."""
    made, now_s, jobs = schedule(), NOW, []
    for units, patience_s, pause_s in requests:
        due_s = now_s + patience_s
        offer = made.offer(units, due_s, now_s)
        busy = made.first is not None
        if not offer.late_s:
            jobs.append((made.add(offer, units, due_s, now_s), busy or units * 0.1 <= patience_s))
        until_s = now_s + pause_s
        while made.first is not None and now_s + 0.1 <= until_s:
            now_s += 0.1
            made.begin(made.first, 1)
        now_s = until_s if made.first is None else now_s
    done_s: dict[Job, float] = {}
    for _ in range(made.units):
        first = made.first
        assert first is not None
        now_s += 0.1
        made.begin(first, 1)
        if first.units == 0:
            done_s[first] = now_s
    late = [job for job, possible in jobs if possible and done_s.get(job, 0) > job.due_s + 1e-6]
    assert not late
