import math

import pytest

from service.admission.arrival import Arrival
from service.admission.gate import Gate
from service.admission.rate import LearnedRate
from service.admission.schedule import Schedule
from service.errors import OverloadedError

NOW = 100.0


class Counted:
    """A gate in which a unit takes a second, and how often it has refused."""

    def __init__(self) -> None:
        self.refused = 0
        self.gate = Gate(Schedule(LearnedRate(1.0)), "too late", self._count)

    def _count(self) -> None:
        self.refused += 1

    def refuses(self, units: int, due_s: float, arrival: Arrival) -> bool:
        try:
            self.gate.refuse_late([units], due_s, NOW, arrival)
        except OverloadedError as error:
            return (error.retry_after_s or 0) >= 1
        return False


def test_what_can_be_done_in_time_is_admitted_and_what_can_not_is_counted() -> None:
    counted = Counted()
    assert not counted.refuses(2, NOW + 3, Arrival(NOW))
    assert counted.refuses(4, NOW + 3, Arrival(NOW))
    assert counted.refused == 1


def test_a_margin_is_left_but_to_those_who_come_as_they_were_told() -> None:
    counted = Counted()
    for number in range(50):
        counted.gate.margin.learn(2.0, NOW - 1 + number / 50)
    assert counted.refuses(2, NOW + 3, Arrival(NOW))
    assert not counted.refuses(2, NOW + 3, Arrival(NOW, promised=True))
    assert not counted.refuses(2, math.inf, Arrival(NOW))


def test_who_is_alone_is_never_refused() -> None:
    assert not Counted().refuses(100, NOW + 3, Arrival(NOW, alone=True))


def test_a_prediction_refuses_nobody() -> None:
    counted = Counted()
    assert counted.gate.predict([4], NOW + 3, NOW, Arrival(NOW)).late_s == pytest.approx(1)
    assert counted.refused == 0
