import gc
import time
from collections.abc import Sequence

import pytest

from service.admission.arrival import Arrival
from service.admission.connection_history import ConnectionHistory
from service.errors import OverloadedError


class Busy:
    """A queue that takes nothing on beyond so many units."""

    def __init__(self, most: int = 0) -> None:
        self.most, self.asked = most, 0

    def refuse_late(self, parts: Sequence[int], *_: object, **__: object) -> None:
        self.asked += 1
        if sum(parts) > self.most:
            raise OverloadedError("too much", retry_after_s=1)


def taught(queue: Busy, units: Sequence[int] = (100,) * 8, body_bytes: int = 400) -> ConnectionHistory:
    history = ConnectionHistory()
    for one in units:
        history.learn(body_bytes, one, queue)
    return history


def refused(history: ConnectionHistory, body_bytes: int = 400) -> bool:
    now_s = time.perf_counter()
    try:
        history.refuse_late(body_bytes, now_s + 0.1, now_s, Arrival(now_s))
    except OverloadedError:
        return True
    return False


def test_who_asks_for_the_like_again_is_refused_but_for_every_eighth() -> None:
    queue = Busy()
    history = taught(queue)
    assert [refused(history) for _ in range(16)] == ([True] * 7 + [False]) * 2


def test_a_longer_body_asks_for_more() -> None:
    queue = Busy(most=150)
    assert not refused(taught(queue), body_bytes=400)
    assert refused(taught(queue), body_bytes=800)


@pytest.mark.parametrize("units", [(), (100,) * 7, (100,) * 7 + (0,)])
def test_of_who_is_little_known_or_asks_for_what_is_known_nobody_is_refused(units: Sequence[int]) -> None:
    queue = Busy()
    assert not any(refused(taught(queue, units)) for _ in range(20))
    assert queue.asked == 0


def test_a_model_that_is_gone_refuses_nobody_and_is_not_kept() -> None:
    history = taught(Busy())
    gc.collect()
    assert not refused(history)


def test_a_promise_is_kept_once_and_not_before_its_time() -> None:
    history = ConnectionHistory()
    assert not history.was_promised(5)
    history.promise(10)
    assert not history.was_promised(9.9)
    assert history.was_promised(10)
    assert not history.was_promised(11)


def test_who_comes_too_early_is_promised_anew() -> None:
    history = ConnectionHistory()
    history.promise(10)
    history.promise(20)
    assert not history.was_promised(10)
    assert history.was_promised(20)
