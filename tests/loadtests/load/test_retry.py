from loadtests.load.retry import SHORTEST_S, wait_s


def waits(attempt: int, retry_after_s: float | None) -> list[float]:
    found = [wait_s(key, attempt, most_attempts=9, retry_after_s=retry_after_s) for key in range(200)]
    return [one for one in found if one is not None]


def test_nobody_comes_before_the_time_that_was_told_nor_all_at_once() -> None:
    told = waits(1, 3.0)
    assert min(told) >= 3
    assert max(told) <= 7
    assert len({round(one, 1) for one in told}) > 20


def test_without_a_time_each_wait_is_longer_than_the_one_before() -> None:
    means = [sum(waits(attempt, None)) / 200 for attempt in (1, 2, 3, 4)]
    assert means == sorted(means)
    assert min(waits(1, None)) == SHORTEST_S


def test_a_device_gives_up_after_its_last_attempt() -> None:
    assert wait_s(1, 3, most_attempts=3, retry_after_s=1) is None
    assert wait_s(1, 2, most_attempts=3, retry_after_s=1) is not None


def test_nobody_waits_for_an_hour() -> None:
    assert max(waits(1, 3600)) < 130
