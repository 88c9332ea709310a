from collections.abc import Callable

import pytest

from loadtests.load.answer import Answer
from loadtests.load.dispatcher import Attempt, Dispatcher, World
from loadtests.load.gates import summed
from loadtests.load.recording import Second
from loadtests.load.tally import Tally
from loadtests.load.traffic import Request
from tests.loadtests.load.virtual_time import VirtualTime

Server = Callable[[VirtualTime, Attempt], Answer]
OK = Answer(answered=True)


class Run:
    """A dispatcher's run against a server, in virtual time."""

    def __init__(
        self,
        server: Server,
        *,
        rate: float = 10,
        until_s: float = 10,
        most_under_way: int = 100,
        attempts: int = 3,
        **more: float,
    ) -> None:
        self.time, self.attempts, tally = VirtualTime(), list[tuple[float, Attempt]](), Tally()

        def send(attempt: Attempt, body: bytes) -> Answer:
            assert body == f"{attempt.request.session}".encode()
            self.attempts.append((self.time.now, attempt))
            return server(self.time, attempt)

        world = World(
            clock=self.time.clock,
            sleep=self.time.sleep,
            spawn=self.time.spawn,
            body=lambda request: f"{request.session}".encode(),
            send=send,
            most_attempts=lambda _: attempts,
        )
        requests = [Request(number / rate, number, 0, number) for number in range(round(rate * until_s))]
        limits = {"until_s": until_s, **more}
        self.dispatcher = Dispatcher(requests, world, tally, most_under_way=most_under_way, **limits)
        self.time.run(lambda: self.dispatcher.run(5))
        self.seconds = {one["second"]: Second.from_json(one) for one in tally.drain()}
        self.whole = summed(self.seconds.values())


def quick(time: VirtualTime, _: Attempt) -> Answer:
    time.sleep(0.02)
    return OK


def test_each_request_starts_when_it_is_due() -> None:
    run = Run(quick)
    assert [at for at, _ in run.attempts] == pytest.approx([number / 10 for number in range(100)])
    assert (run.whole.asked, run.whole.sent, run.whole.answered) == (100, 100, 100)
    assert run.whole.from_intended.percentile_ms(99) == pytest.approx(20, rel=0.02)


def test_a_slow_server_does_not_slow_the_asking_down() -> None:
    def slow(time: VirtualTime, _: Attempt) -> Answer:
        time.sleep(3)
        return OK

    run = Run(slow)
    assert [at for at, _ in run.attempts] == pytest.approx([number / 10 for number in range(100)])
    assert run.whole.from_intended.percentile_ms(50) == pytest.approx(3000, rel=0.02)


def test_what_a_stall_of_the_sender_costs_is_in_the_time_from_the_intended_start_alone() -> None:
    def stalls_once(time: VirtualTime, attempt: Attempt) -> Answer:
        if attempt.request.session == 30:
            time.now += 2  # nothing else runs meanwhile: not even the dispatcher
        return quick(time, attempt)

    run = Run(stalls_once)
    assert run.whole.asked == run.whole.sent == 100
    assert run.seconds[4].from_intended.percentile_ms(50) == pytest.approx(560, rel=0.2)
    late = [second for second in run.seconds.values() if (second.from_intended.percentile_ms(99) or 0) > 100]
    assert [second.second for second in late] == [3, 4]
    assert all((second.from_sent.percentile_ms(99) or 0) < 100 for second in late if second.second != 3)
    assert run.seconds[4].observed["late_ms"] > 500


def test_beyond_the_most_under_way_starts_are_missed_and_counted() -> None:
    def stalled(time: VirtualTime, attempt: Attempt) -> Answer:
        time.sleep(max(0.02, 5 - attempt.due_s))
        return OK

    run = Run(stalled, most_under_way=20)
    assert run.whole.missed == run.whole.given_up == 30
    assert run.whole.asked == 100
    assert run.whole.sent == run.whole.answered == 70
    assert sum(run.seconds[second].missed for second in (2, 3, 4)) == 30


def test_a_refused_attempt_comes_again_no_sooner_than_told() -> None:
    def refuses_first(_: VirtualTime, attempt: Attempt) -> Answer:
        return OK if attempt.number > 1 else Answer(answered=False, refused=True, retry_after_s=2)

    run = Run(refuses_first, until_s=20)
    first = {one.request.session: at for at, one in run.attempts if one.number == 1}
    again = {one.request.session: at for at, one in run.attempts if one.number == 2}
    assert len(first) == run.whole.refused == run.whole.retried == 200
    assert len(again) > 150
    assert all(2 <= at - first[session] <= 5.01 for session, at in again.items())
    assert run.whole.asked == 200 + len(again)
    # Those that would come again behind the end have been given up.
    assert run.whole.given_up == 200 - len(again)
    assert (run.whole.until_answered.percentile_ms(0.1) or 0) >= 1980
    assert (run.whole.from_intended.percentile_ms(99) or 0) < 10


def test_a_device_gives_up_after_its_last_attempt() -> None:
    run = Run(lambda *_: Answer(answered=False), rate=1, until_s=30, attempts=2)
    assert run.whole.failed == run.whole.sent == run.whole.asked
    assert run.whole.given_up == 30
    assert max(one.number for _, one in run.attempts) == 2


def test_what_was_in_time_counts_from_the_send() -> None:
    """Answers come ever later; those of a second are in time to the deadline, and ended in time to 1.2 of it."""

    def ever_later(time: VirtualTime, attempt: Attempt) -> Answer:
        time.sleep(0.0125 * attempt.request.session + 0.001)
        return Answer(answered=attempt.request.session % 2 == 0, late=attempt.request.session % 2 == 1)

    run = Run(ever_later, rate=10, until_s=2, attempts=1, deadline_s=0.1)
    assert (run.whole.answered, run.whole.late, run.whole.failed) == (10, 10, 0)
    assert run.whole.in_time == 4  # 0, 2, 4 and 6 of 0 to 7
    assert run.whole.ended_in_time == 10  # 0 to 9


def test_what_was_refused_was_not_admitted() -> None:
    run = Run(lambda *_: Answer(answered=False, refused=True), attempts=1, deadline_s=0.1)
    assert (run.whole.admitted, run.whole.ended_in_time) == (0, 0)


def test_without_a_deadline_every_answer_is_in_time() -> None:
    run = Run(quick)
    assert run.whole.in_time == run.whole.ended_in_time == 100


def test_degraded_answers_are_counted() -> None:
    run = Run(lambda *_: Answer(answered=True, degraded=True))
    assert run.whole.degraded == run.whole.answered == 100


def test_it_stops_when_told() -> None:
    holder: list[Run] = []

    def stops(time: VirtualTime, attempt: Attempt) -> Answer:
        if attempt.request.session == 50:
            time.spawn(holder[0].dispatcher.stop)
        return quick(time, attempt)

    class Stopped(Run):
        def __init__(self) -> None:
            holder.append(self)
            super().__init__(stops)

    assert 51 <= Stopped().whole.asked <= 52


def test_an_attempt_that_breaks_the_sender_leaves_its_place() -> None:
    def breaks(time: VirtualTime, attempt: Attempt) -> Answer:
        if attempt.request.session == 0:
            raise ZeroDivisionError
        return quick(time, attempt)

    with pytest.raises(ZeroDivisionError):
        Run(breaks)
