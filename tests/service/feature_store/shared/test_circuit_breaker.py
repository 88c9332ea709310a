import pytest

from service.feature_store.shared.circuit_breaker import LEAST_FAILURES, WINDOW_CALLS, WINDOW_S, CircuitBreaker
from tests.service.clocks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(cooldown_s=2, clock=clock)


@pytest.fixture
def opened(breaker: CircuitBreaker) -> CircuitBreaker:
    breaker.failed(certain=True)
    return breaker


def test_one_failure_does_not_open_it(breaker: CircuitBreaker) -> None:
    for _ in range(LEAST_FAILURES - 1):
        breaker.failed()
    assert not breaker.is_open
    breaker.failed()
    assert breaker.is_open
    assert not breaker.allows()


def test_a_failure_that_leaves_no_doubt_opens_it_at_once(breaker: CircuitBreaker) -> None:
    breaker.failed(certain=True)
    assert breaker.is_open


def test_failures_among_more_successes_do_not_open_it(breaker: CircuitBreaker) -> None:
    for _ in range(50):
        for _ in range(2):
            breaker.succeeded()
        breaker.failed()
    assert not breaker.is_open


def test_half_of_the_latest_calls_open_it(breaker: CircuitBreaker) -> None:
    for _ in range(10 * WINDOW_CALLS):
        breaker.succeeded()
    for failures in range(1, WINDOW_CALLS // 2 + 1):
        assert not breaker.is_open, f"after {failures} of {WINDOW_CALLS}"
        breaker.failed()
    assert breaker.is_open


def test_failures_of_long_ago_do_not_count(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(4 * LEAST_FAILURES):
        breaker.failed()
        assert not breaker.is_open
        clock.now += WINDOW_S / (LEAST_FAILURES - 1)


def test_after_the_cool_down_one_call_is_tried(opened: CircuitBreaker, clock: Clock) -> None:
    clock.now = 1.9
    assert not opened.allows()
    clock.now = 2.0
    assert opened.allows()
    assert not opened.allows(), "a second one tries"
    opened.succeeded()
    assert not opened.is_open
    assert opened.allows()
    opened.failed()
    assert not opened.is_open, "what was before the trial counts"


def test_a_failed_trial_starts_the_cool_down_again(opened: CircuitBreaker, clock: Clock) -> None:
    clock.now = 2.0
    assert opened.allows()
    clock.now = 3.0
    opened.failed()
    clock.now = 4.9
    assert not opened.allows()
    clock.now = 5.0
    assert opened.allows()


@pytest.mark.parametrize("end", [CircuitBreaker.succeeded, CircuitBreaker.failed, CircuitBreaker.unclear])
def test_calls_that_began_before_it_opened_change_nothing(opened: CircuitBreaker, clock: Clock, end: object) -> None:
    clock.now = 1.0
    end(opened)  # type: ignore[operator]
    assert opened.is_open
    clock.now = 1.9
    assert not opened.allows()
    clock.now = 2.0
    assert opened.allows()


def test_a_trial_that_never_reports_back_does_not_keep_it_open(opened: CircuitBreaker, clock: Clock) -> None:
    clock.now = 2.0
    assert opened.allows()
    clock.now = 4.0
    assert opened.allows()


def test_a_trial_that_says_nothing_is_followed_by_another_at_once(opened: CircuitBreaker, clock: Clock) -> None:
    clock.now = 2.0
    assert opened.allows()
    opened.unclear()
    assert opened.is_open
    assert opened.allows()
    assert not opened.allows()


def test_what_says_nothing_is_no_failure(breaker: CircuitBreaker) -> None:
    for _ in range(10 * LEAST_FAILURES):
        breaker.unclear()
    assert not breaker.is_open
