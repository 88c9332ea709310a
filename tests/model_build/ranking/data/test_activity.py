import numpy as np

from model_build.ranking.data.activity import WINDOW_S, Activity
from model_build.ranking.data.behaviour_set import Interactions


def interactions(times: list[float]) -> Interactions:
    """Item 0 is taken at each of the times, item 2, not liked, at the first."""
    count = len(times)
    return Interactions(
        users=["u"],
        owners=np.zeros(count + 1, dtype=np.int64),
        items=np.array([0] * count + [2]),
        liked=np.array([True] * count + [False]),
        times=np.array([*times, times[0]]),
    )


def test_only_what_was_before_the_moment_and_not_long_before_counts() -> None:
    moment = 2 * WINDOW_S
    activity = Activity(interactions([1.0, moment - WINDOW_S, moment - 5, moment, moment + 1]))
    items = np.array([0, 1, 2])
    assert activity.popularity(items, moment).tolist() == [2.0, 0.0, 0.0]
    ages = activity.age_s(items, moment)
    assert ages[0] == 5.0
    assert np.isnan(ages[1:]).all()


def test_before_the_first_time_nothing_is_known_of_ages() -> None:
    assert np.isnan(Activity(interactions([10.0])).age_s(np.array([0]), 10.0)).all()


def test_without_times_nothing_is_known() -> None:
    untimed, timed = Activity(interactions([float("nan")])), Activity(interactions([1.0]))
    for activity, moment in ((untimed, 5.0), (timed, float("nan"))):
        assert np.isnan(activity.popularity(np.array([0]), moment)).all()
        assert np.isnan(activity.age_s(np.array([0]), moment)).all()
