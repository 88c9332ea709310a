"""Rate limits of API keys: a token bucket each."""

from collections.abc import Callable
from time import monotonic

from service.security.api_keys import Principal
from service.security.token_buckets import LocalTokenBuckets, TokenBuckets


class RateLimits:
    """Takes a token for each request."""

    def __init__(self, buckets: TokenBuckets | None = None, clock: Callable[[], float] = monotonic) -> None:
        """Start with full buckets, by default of this process alone; all processes share the clock."""
        self._buckets, self._clock = buckets or LocalTokenBuckets(), clock

    def wait_s(self, principal: Principal) -> float:
        """Take a token; returns 0 if there was one, else the seconds until there is one."""
        rate = principal.key.requests_per_s
        if rate is None:
            return 0.0
        most = float(principal.key.burst or max(1.0, 2 * rate))
        return self._buckets.take(principal.name, rate, most, self._clock())
