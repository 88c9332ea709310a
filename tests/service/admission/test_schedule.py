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


def units_of(made: Schedule) -> int:
    return sum(job.units for job in made.jobs)


def add(where: Schedule, units: int, due_s: float = math.inf, now_s: float = NOW) -> Job:
    """Take on a request of one part."""
    (job,) = where.add(where.offer([units], due_s, now_s), due_s, now_s)
    where.give(job, units)
    return job


def add_parts(where: Schedule, parts: list[int], due_s: float = math.inf, now_s: float = NOW) -> list[Job]:
    """Take on a request of several parts."""
    jobs = where.add(where.offer(parts, due_s, now_s), due_s, now_s)
    for job, units in zip(jobs, parts, strict=True):
        where.give(job, units)
    return jobs


def test_what_is_alone_takes_its_own_time() -> None:
    offer = schedule().offer([10], NOW + 2, NOW)
    assert (offer.done_s, offer.late_s) == (NOW + 1, 0)


def test_what_is_under_way_is_waited_for() -> None:
    offer = schedule(under_way_s=3).offer([10], NOW + 2, NOW)
    assert (offer.done_s, offer.late_s) == (NOW + 4, 2)


def test_what_is_alone_is_never_late() -> None:
    assert schedule().offer([1000], NOW + 2, NOW, alone=True).late_s == 0


def test_an_empty_queue_does_not_make_a_request_beside_others_be_in_time() -> None:
    assert schedule().offer([10], NOW + 2, NOW, reserve_s=1.5).late_s == pytest.approx(0.5)


def test_a_reserve_makes_it_late_sooner() -> None:
    made = schedule()
    add(made, 10)
    assert made.offer([10], NOW + 2.5, NOW).late_s == 0
    assert made.offer([10], NOW + 2.5, NOW, reserve_s=1).late_s == pytest.approx(0.5)


def test_little_passes_what_of_much_would_not_have_begun_by_then() -> None:
    made = schedule()
    large = add_parts(made, [10] * 4)  # a second each
    small = add(made, 1, now_s=NOW + 1.5)
    assert made.jobs == [*large[:2], small, *large[2:]]


def test_much_goes_on_in_parts_at_a_pace_of_its_own() -> None:
    """A unit takes 0.1 s, and there is always somebody else: half of all is theirs."""
    made, order = schedule(), []
    add_parts(made, [10] * 5)
    now_s, parts = NOW, set(made.jobs)
    while parts & set(made.jobs):
        if len(made) < 8:  # there is always somebody with little to ask
            add(made, 1, now_s=now_s)
        first = made.first
        assert first is not None
        order.append(first in parts)
        now_s += 0.1
        made.begin(first, 1)
    assert sum(order) == 50
    assert len(order) <= 50 * 2 + 8 + 1  # as a multiple of its own, and a round of the others
    assert not all(order[:50]), "those with little to ask wait for all of it"


def test_nobody_is_made_late_by_who_passes() -> None:
    made = schedule()
    add_parts(made, [50, 50], due_s=NOW + 10.05)
    offer = made.offer([1], math.inf, NOW + 0.01)
    (small,) = made.add(offer, math.inf, NOW + 0.01)
    made.give(small, 1)
    assert made.jobs[-1] is small
    assert offer.done_s == pytest.approx(NOW + 0.01 + 10.1)


def test_who_is_late_already_is_passed() -> None:
    made = schedule()
    _, second = add_parts(made, [50, 50], due_s=NOW + 1)
    small = add(made, 1)
    assert made.jobs[-2:] == [small, second]


def test_what_is_begun_leaves_little_by_little() -> None:
    made = schedule()
    job = add(made, 10)
    made.begin(job, 4)
    assert (units_of(made), len(made)) == (6, 1)
    made.begin(job, 6)
    assert (units_of(made), len(made), made.first) == (0, 0, None)
    made.remove(job)
    made.give(job, 3)
    assert (units_of(made), made.first) == (3, job)


@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, 20), min_size=1, max_size=4), st.floats(0.1, 20), st.floats(0, 1)),
        min_size=1,
        max_size=30,
    )
)
def test_what_is_taken_on_is_done_in_time_if_units_take_as_long_as_they_do(
    requests: list[tuple[list[int], float, float]],
) -> None:
    """Each is taken on only if it is not late; then all is done at the rate that was learned, nothing else comes."""
    made, now_s, last_parts = schedule(), NOW, []
    for parts, patience_s, pause_s in requests:
        due_s = now_s + patience_s
        offer = made.offer(parts, due_s, now_s)
        possible = made.first is not None or sum(parts) * 0.1 <= patience_s
        if not offer.late_s:
            jobs = made.add(offer, due_s, now_s)
            for job, units in zip(jobs, parts, strict=True):
                made.give(job, units)
            if possible:
                last_parts.append(jobs[-1])
        until_s = now_s + pause_s
        while made.first is not None and now_s + 0.1 <= until_s:
            now_s += 0.1
            made.begin(made.first, 1)
        now_s = until_s if made.first is None else now_s
    done_s: dict[Job, float] = {}
    for _ in range(units_of(made)):
        first = made.first
        assert first is not None
        now_s += 0.1
        made.begin(first, 1)
        if first.units == 0:
            done_s[first] = now_s
    assert not [job for job in last_parts if done_s.get(job, 0) > job.due_s + 1e-5]
