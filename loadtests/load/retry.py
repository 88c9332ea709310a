"""Retries of a device: after `Retry-After`, with exponential backoff and jitter."""

from loadtests.load.randomness import key_of

SHORTEST_S = 0.5
_BASE_S, _LONGEST_S = 1.0, 60.0


def wait_s(key: int, attempt: int, *, most_attempts: int, retry_after_s: float | None) -> float | None:
    """Seconds until the next attempt, or None if the device gives up.

    Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015) on top of `Retry-After`, plus
    jitter of the size of `Retry-After`, so that devices refused together return at different times.

    Args:
        key: of the request, for the jitter.
        attempt: number of the ended attempt, from 1.
        most_attempts: maximal number of attempts for a page, the first included.
        retry_after_s: of the answer, if any, capped at a minute.
    """
    if attempt >= most_attempts:
        return None
    asked_s = min(retry_after_s or 0.0, _LONGEST_S)
    jitter = key_of(key, attempt) / 2**64
    return max(SHORTEST_S, asked_s + jitter * (asked_s + _BASE_S * 2.0 ** (attempt - 1)))
