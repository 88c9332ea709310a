"""How many requests a key may make: a token bucket each."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from service.security.api_keys import Holder


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimits:
    """Takes a token for each request. Every serving process has buckets of its own."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, holder: Holder) -> float:
        """Take a token. Returns 0 if there was one, else the seconds until there will be."""
        rate = holder.key.requests_per_s
        if rate is None:
            return 0.0
        now, most = self._clock(), float(holder.key.burst or max(1.0, 2 * rate))
        bucket = self._buckets.setdefault(holder.name, _Bucket(most, now))
        bucket.tokens = min(most, bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / rate
        bucket.tokens -= 1
        return 0.0
