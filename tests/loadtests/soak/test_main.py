from collections import Counter
from dataclasses import replace

import pytest

from loadtests.soak.__main__ import Footprint, Tally, Tenth, faults_of, gates_of, heads_of, row_of, service, soak
from loadtests.soak.mixture import Mixture, Sent

TENTH = Tenth(2.0, 100, Tally(Counter({200: 90, 422: 10})), Footprint(100_000_000, 20))


@pytest.mark.slow
def test_a_service_holds_no_more_than_before_and_answers_each_kind_as_it_must() -> None:
    with service() as (serving, keys):
        mixture = Mixture(7, keys, heads=heads_of(serving, keys))
        tenths = list(soak(serving, mixture, 600, clients=4))
    assert sum(one.requests for one in tenths) == 600
    assert sum(one.tally.statuses.total() + one.tally.left for one in tenths) == 600
    assert faults_of(tenths) == []
    statuses = Counter[int]()
    for one in tenths:
        statuses += one.tally.statuses
    assert set(statuses) >= {200, 400, 401, 403, 404, 422}
    assert sum(one.tally.left for one in tenths) > 0


def test_growth_leaks_and_wrong_answers_are_reported() -> None:
    grown = replace(TENTH, footprint=Footprint(111_000_000, 23))
    wrong = replace(TENTH, tally=Tally(Counter({500: 2, 0: 1}), Counter({("items", 500): 2, ("known", 0): 1})))
    assert faults_of([TENTH, TENTH]) == []
    assert faults_of([TENTH, grown]) == ["memory grew to 1.110 times what it was", "3 descriptors were leaked"]
    assert faults_of([TENTH, wrong, TENTH]) == ["items: 2 x 500", "known: 1 x reset"]


def test_a_tenth_in_a_line() -> None:
    assert row_of(3, TENTH) == " 3/10: 50 requests/s, 100.0 MB, 20 descriptors; 90 x 200, 10 x 422, 0 left"
    assert len(gates_of([TENTH, TENTH]).rows) == 2


def test_a_status_that_a_kind_may_not_have_is_counted() -> None:
    tally, sent = Tally(), Sent("items", b"", frozenset({200}))
    for status in (200, 200, 429):
        tally.count(sent, status)
    assert tally.statuses == {200: 2, 429: 1}
    assert tally.unexpected == {("items", 429): 1}
