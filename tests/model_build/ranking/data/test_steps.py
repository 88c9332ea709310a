import numpy as np

from model_build.ranking.data.behaviour_set import Interactions
from model_build.ranking.data.steps import Popular, draw_steps


def interactions() -> Interactions:
    """One user who liked 0 to 4, took 9 in between without liking it and took 0 again; another who took the rest."""
    items = [0, 1, 9, 2, 0, 3, 4, *range(10, 20)]
    return Interactions(
        users=["u", "v"],
        owners=np.array([0] * 7 + [1] * 10),
        items=np.array(items),
        liked=np.array([item != 9 for item in items]),
        times=np.arange(len(items), dtype=np.float64),
    )


def test_a_step_has_what_came_before_and_nothing_later() -> None:
    steps = [one for one in draw_steps(interactions(), least_before=3, seed=0) if one.user == "u"]
    last = next(one for one in steps if one.target == 4)
    assert last.history.tolist() == [0, 1, 2, 0, 3]
    assert last.moment == 5.0


def test_a_target_is_new_to_the_user() -> None:
    targets = {one.target for seed in range(30) for one in draw_steps(interactions(), least_before=1, seed=seed)}
    assert 0 not in targets
    assert 9 not in targets
    assert {1, 2, 3, 4} <= targets


def test_negatives_are_what_the_user_has_not_had() -> None:
    for step in draw_steps(interactions(), least_before=3, seed=0):
        had = {0, 1, 2, 3, 4, 9} if step.user == "u" else set(range(10, 20))
        assert len(step.negatives) > 0
        assert had.isdisjoint(step.negatives.tolist())
        assert len(set(step.negatives.tolist())) == len(step.negatives)


def test_the_same_seed_draws_the_same_steps() -> None:
    first, second = (draw_steps(interactions(), least_before=3, seed=4) for _ in range(2))
    assert [one.negatives.tolist() for one in first] == [one.negatives.tolist() for one in second]


def test_what_is_popular_is_drawn_more_often() -> None:
    draw, pool = np.random.default_rng(0), Popular(interactions())
    drawn = [int(pool.draw(1, np.zeros(0, dtype=np.int64), draw)[0]) for _ in range(600)]
    assert drawn.count(0) > 1.4 * drawn.count(10)
    assert drawn.count(9) == 0
