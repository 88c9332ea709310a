from service.features.breaker import CircuitBreaker
from tests.service.clocks import Clock


def test_a_failure_stops_calls_for_the_cool_down_then_one_is_tried() -> None:
    clock = Clock()
    breaker = CircuitBreaker(cooldown_s=2, clock=clock)
    assert breaker.allows()
    breaker.failed()
    assert breaker.is_open
    clock.now = 1.9
    assert not breaker.allows()
    clock.now = 2.0
    assert breaker.allows()
    assert not breaker.allows()  # only one tries
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()
    assert not breaker.is_open


def test_a_failed_trial_starts_the_cool_down_again() -> None:
    clock = Clock()
    breaker = CircuitBreaker(cooldown_s=2, clock=clock)
    breaker.failed()
    clock.now = 2.0
    assert breaker.allows()
    clock.now = 3.0
    breaker.failed()
    clock.now = 4.9
    assert not breaker.allows()
    clock.now = 5.0
    assert breaker.allows()


def test_a_trial_that_never_reports_back_does_not_keep_it_open() -> None:
    clock = Clock()
    breaker = CircuitBreaker(cooldown_s=2, clock=clock)
    breaker.failed()
    clock.now = 2.0
    assert breaker.allows()
    clock.now = 4.0
    assert breaker.allows()
