import pytest

from service.admission.arrival import Arrival
from service.admission.margin import Margin
from service.admission.ticket import Size, Ticket


@pytest.mark.parametrize(("work_s", "size"), [(0.002, "small"), (0.02, "medium"), (0.2, "large")])
def test_requests_are_distinguished_by_their_work(work_s: float, size: Size) -> None:
    assert Ticket(Arrival(0), 0, Margin(), work_s).size == size


def test_what_is_always_late_is_part_of_the_prediction() -> None:
    margin = Margin()
    for number in range(100):
        margin.learn(0.5, number)
    assert Ticket(Arrival(0), 3, margin, 0).predicted_s == pytest.approx(3.5, rel=0.01)
