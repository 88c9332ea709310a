"""The decision to admit a request or to refuse it, which the event loop and the encoder's queue make alike."""

import math
from collections.abc import Callable, Sequence

from service.admission.arrival import Arrival
from service.admission.margin import Margin
from service.admission.retry_after import RetryAfterPolicy
from service.admission.schedule import Offer, Schedule
from service.errors import OverloadedError


class Gate:
    """Admits what a schedule can do within its deadline; what it can't is counted, and refused with `message`."""

    def __init__(self, schedule: Schedule, message: str, count_refusal: Callable[[], None]) -> None:
        self._schedule, self._message, self._count_refusal = schedule, message, count_refusal
        self.margin, self.retry_after = Margin(), RetryAfterPolicy()

    def predict(self, parts: Sequence[int], due_s: float, now_s: float, arrival: Arrival) -> Offer:
        """Schedule a request tentatively, given the units of each part of its work; `due_s` may be infinity.

        One that comes when `Retry-After` said needs no safety margin.
        """
        marginless = arrival.promised or math.isinf(due_s)
        reserve_s = 0.0 if marginless else self.margin.seconds(now_s, due_s - arrival.at_s)
        return self._schedule.offer(parts, due_s, now_s, reserve_s=reserve_s, alone=arrival.alone)

    def refuse_late(self, parts: Sequence[int], due_s: float, now_s: float, arrival: Arrival) -> Offer:
        """Schedule a request tentatively, as `predict` does.

        Raises:
            OverloadedError: it would be late.
        """
        offer = self.predict(parts, due_s, now_s, arrival)
        if offer.late_s:
            self._count_refusal()
            wait_s = self.retry_after.wait_s(offer.late_s, offer.own_s, now_s)
            raise OverloadedError(self._message, retry_after_s=wait_s)
        return offer
