"""Users' next steps to learn from: history, target and negatives."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.tasks.behaviour import HISTORY
from model_build.ranking.data.behaviour_set import Interactions

LISTS = 600
"""Maximal number of steps of a set, so that fitting takes minutes."""

STEPS_PER_USER = 2
LEAST_BEFORE = 3
NEGATIVES = 99
_ROUNDS = 20


@dataclass(frozen=True)
class LearningStep:
    """A user's next step; items are indices into the catalogue.

    Attributes:
        user: id in the file.
        history: int64 `[events]`, the last `HISTORY` liked items, oldest first.
        target: the next item, which the user takes for the first time.
        negatives: int64, drawn by popularity from the items that the user never took.
        moment: time of the last liked event in unix seconds; NaN if unknown.
    """

    user: str
    history: NDArray[np.int64]
    target: int
    negatives: NDArray[np.int64]
    moment: float


def draw_steps(interactions: Interactions, *, least_before: int, seed: int) -> list[LearningStep]:
    """Draw at most `LISTS` steps: each user's last one, and random earlier ones, after `least_before` liked items.

    The interactions are without those of the test split.
    """
    draw = np.random.default_rng(seed)
    bounds = np.searchsorted(interactions.owners, np.arange(len(interactions.users) + 1))
    rows = [slice(start, end) for start, end in pairwise(bounds)]
    ends = [(user, end) for user, own in enumerate(rows) for end in _ends(interactions, own, least_before, draw)]
    chosen = sorted(draw.permutation(len(ends))[:LISTS].tolist())
    pool = Popular(interactions)
    return [_step(interactions, user, rows[user], end, pool, draw) for user, end in (ends[place] for place in chosen)]


class Popular:
    """Draws items with probabilities proportional to their likes."""

    def __init__(self, interactions: Interactions) -> None:
        counts = np.bincount(interactions.items[interactions.liked])
        self._shares = counts / counts.sum()

    def draw(self, count: int, without: NDArray[np.int64], draw: np.random.Generator) -> NDArray[np.int64]:
        """Draw at most `count` distinct items that are not in `without`: int64."""
        found = np.zeros(0, dtype=np.int64)
        for _ in range(_ROUNDS):
            drawn = np.concatenate([found, draw.choice(len(self._shares), 2 * count, p=self._shares)])
            _, first = np.unique(drawn, return_index=True)
            distinct = drawn[np.sort(first)]
            found = distinct[~np.isin(distinct, without)][:count]
            if len(found) == count:
                break
        return found


def _ends(interactions: Interactions, rows: slice, least_before: int, draw: np.random.Generator) -> Sequence[int]:
    """Rows of a user's steps: liked items at their first occurrence, after enough others."""
    places = np.arange(rows.start, rows.stop)[interactions.liked[rows]]
    _, first = np.unique(interactions.items[places], return_index=True)
    news = places[np.sort(first)][least_before:]
    if len(news) <= STEPS_PER_USER:
        return [int(one) for one in news]
    others = draw.choice(news[:-1], STEPS_PER_USER - 1, replace=False)
    return [*(int(one) for one in others), int(news[-1])]


def _step(
    interactions: Interactions, user: int, rows: slice, end: int, pool: Popular, draw: np.random.Generator
) -> LearningStep:
    before = np.arange(rows.start, end)
    liked = before[interactions.liked[before]]
    target = int(interactions.items[end])
    return LearningStep(
        user=interactions.users[user],
        history=interactions.items[liked[-HISTORY:]],
        target=target,
        negatives=pool.draw(NEGATIVES, np.append(interactions.items[rows], target), draw),
        moment=float(interactions.times[liked[-1]]),
    )
