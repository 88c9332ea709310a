from service.middleware.limit import LEAST, LearnedLimit


def answer(limit: LearnedLimit, *, rate: float, taken_s: float, seconds: float, start_s: float = 100.0) -> float:
    """Answers at a steady rate; when the last one was given."""
    at_s = start_s
    for number in range(round(rate * seconds)):
        at_s = start_s + number / rate
        limit.answered(at_s, taken_s)
    return at_s


def test_answers_in_time_leave_it_where_it_is() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    answer(limit, rate=1000, taken_s=0.04, seconds=2)
    assert limit.now == 256


def test_late_answers_lower_it_to_what_is_answered_within_the_goal() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    answer(limit, rate=800, taken_s=0.3, seconds=2)
    assert 38 <= limit.now <= 41  # 800 a second, for 0.05 s


def test_it_falls_by_half_at_most_in_a_tenth_of_a_second() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    limit.answered(100, 0.5)
    for number in range(60):
        limit.answered(100.05 + number / 1000, 0.5)
    assert limit.now == 128


def test_a_slow_service_still_has_some_in_work() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    answer(limit, rate=50, taken_s=2, seconds=2)
    assert limit.now == LEAST


def test_a_few_slow_requests_lower_nothing() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    answer(limit, rate=5, taken_s=0.7, seconds=5)
    assert limit.now == 256


def test_a_loader_among_quick_requests_lowers_nothing() -> None:
    limit = LearnedLimit(most=256, goal_s=0.02)
    for number in range(400):
        limit.answered(100 + number / 100, 1.0 if number % 5 == 0 else 0.006)
    assert limit.now == 256


def test_it_rises_again_up_to_the_most() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    end_s = answer(limit, rate=800, taken_s=0.3, seconds=2)
    answer(limit, rate=800, taken_s=0.01, seconds=3, start_s=end_s + 0.01)
    assert limit.now == 256


def test_a_most_below_the_least_counts() -> None:
    limit = LearnedLimit(most=4, goal_s=0.05)
    answer(limit, rate=800, taken_s=0.5, seconds=1)
    assert limit.now == 4


def test_the_more_are_refused_the_later_they_may_come_again() -> None:
    limit = LearnedLimit(most=256, goal_s=0.05)
    assert limit.retry_after_s == 1
    for number in range(200):
        limit.answered(100 + number / 800, 0.3)
        for _ in range(4):
            limit.refused()
    assert 3.9 <= limit.retry_after_s <= 4
    answer(limit, rate=800, taken_s=0.01, seconds=0.5, start_s=101)
    assert limit.retry_after_s == 1
