"""How many requests a key may make: a token bucket each."""

from collections.abc import Callable
from time import monotonic

from service.security.api_keys import Holder
from service.security.buckets import Buckets, OwnBuckets


class RateLimits:
    """Takes a token for each request."""

    def __init__(self, buckets: Buckets | None = None, clock: Callable[[], float] = monotonic) -> None:
        """Begin.

        Args:
            buckets: where tokens are; this process's own by default.
            clock: seconds, in all processes the same.
        """
        self._buckets, self._clock = buckets or OwnBuckets(), clock

    def wait_s(self, holder: Holder) -> float:
        """Take a token. Returns 0 if there was one, else the seconds until there will be."""
        rate = holder.key.requests_per_s
        if rate is None:
            return 0.0
        most = float(holder.key.burst or max(1.0, 2 * rate))
        return self._buckets.take(holder.name, rate, most, self._clock())
