import pytest

from service.security.api_keys import ApiKey, Principal
from service.security.rate_limit import RateLimits
from tests.service.clocks import Clock


def principal(name: str = "a", **limits: float) -> Principal:
    return Principal(name, ApiKey.model_validate({"sha256": "0" * 64, **limits}))


def test_a_burst_passes_and_then_the_rate() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock)
    slow = principal(requests_per_s=2, burst=3)
    assert [limits.wait_s(slow) for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now = 0.5
    assert [limits.wait_s(slow) for _ in range(2)] == [0, 0.5]
    clock.now = 100
    assert [limits.wait_s(slow) for _ in range(4)] == [0, 0, 0, 0.5]


def test_holders_have_limits_of_their_own() -> None:
    limits = RateLimits(clock=Clock())
    assert limits.wait_s(principal("a", requests_per_s=0.5)) == 0
    assert limits.wait_s(principal("a", requests_per_s=0.5)) == pytest.approx(2)
    assert limits.wait_s(principal("b", requests_per_s=0.5)) == 0


def test_without_a_rate_there_is_no_limit() -> None:
    limits = RateLimits(clock=Clock())
    assert {limits.wait_s(principal()) for _ in range(1000)} == {0}
