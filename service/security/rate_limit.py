"""How many requests a key may make: a token bucket each."""

from collections.abc import Callable
from time import monotonic

from service.security.api_keys import Principal
from service.security.token_buckets import TokenBuckets, LocalTokenBuckets


class RateLimits:
    """Takes a token for each request."""

    def __init__(self, buckets: TokenBuckets | None = None, clock: Callable[[], float] = monotonic) -> None:
        """Begin.

        Args:
            buckets: where tokens are; this process's own by default.
            clock: seconds, in all processes the same.
        """
        self._buckets, self._clock = buckets or LocalTokenBuckets(), clock

    def wait_s(self, principal: Principal) -> float:
        """Take a token. Returns 0 if there was one, else the seconds until there will be."""
        rate = principal.key.requests_per_s
        if rate is None:
            return 0.0
        most = float(principal.key.burst or max(1.0, 2 * rate))
        return self._buckets.take(principal.name, rate, most, self._clock())
