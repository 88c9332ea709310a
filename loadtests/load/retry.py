"""How a device tries again: no sooner than it is told, later each time, and never in step with the others."""

from loadtests.load.randomness import key_of

SHORTEST_S = 0.5
_BASE_S, _LONGEST_S = 1.0, 60.0


def wait_s(key: int, attempt: int, *, most_attempts: int, retry_after_s: float | None) -> float | None:
    """Seconds until the next attempt, or None if the device gives up.

    Exponential with full jitter (Brooker, "Exponential Backoff And Jitter", 2015) on top of what `Retry-After` says,
    and as much jitter again as that: those that were refused together come back apart.

    Args:
        key: of the request, for the jitter.
        attempt: the one that has just ended, from 1.
        most_attempts: that the device makes for one page, the first included.
        retry_after_s: what the answer asked for, if it did; more than a minute counts as a minute.
    """
    if attempt >= most_attempts:
        return None
    told = min(retry_after_s or 0.0, _LONGEST_S)
    jitter = key_of(key, attempt) / 2**64
    return max(SHORTEST_S, told + jitter * (told + _BASE_S * 2.0 ** (attempt - 1)))
