"""A user's next step as the request that a service would have been sent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.tasks.behaviour import Step
from model_build.ranking.data.activity import Activity
from model_build.ranking.data.behaviour_set import Catalogue, Interactions
from model_build.ranking.data.requests import JudgedRequest
from model_build.ranking.data.steps import LearningStep
from model_build.ranking.data.title_queries import TitleQueries
from service.api.schemas.rank import Candidate, HistoryEvent


@dataclass(frozen=True)
class Composer:
    """Makes requests of a set's steps.

    Attributes:
        source: the set's name.
        catalogue: its items.
        activity: what was taken before a moment.
    """

    source: str
    catalogue: Catalogue
    activity: Activity

    def request(self, step: LearningStep) -> JudgedRequest:
        """The target and what was drawn beside it; the target comes first, and no signal looks at places."""
        items = np.concatenate([[step.target], step.negatives]).astype(np.int64)
        gains = np.zeros(len(items))
        gains[0] = 1.0
        return JudgedRequest(
            query=None,
            history=self._history(step.history),
            candidates=self._candidates(items, step.moment),
            gains=gains,
            group=f"{self.source} {step.user}",
            source=self.source,
        )

    def _history(self, items: NDArray[np.int64]) -> list[HistoryEvent]:
        """The latest first. Ages are left out: the sets tell of years, a place in a history counts in all of them."""
        return [
            HistoryEvent(
                item_id=self.catalogue.keys[item],
                text=self.catalogue.texts[item],
                category=self.catalogue.categories[item],
                action="purchase",
            )
            for item in items[::-1].tolist()
        ]

    def _candidates(self, items: NDArray[np.int64], moment: float) -> list[Candidate]:
        popularity, ages = self.activity.popularity(items, moment), self.activity.age_s(items, moment)
        return [
            Candidate(
                id=self.catalogue.keys[item],
                text=self.catalogue.texts[item],
                category=self.catalogue.categories[item],
                features={
                    name: value for name, value in (("popularity", often), ("age_s", age)) if not math.isnan(value)
                },
            )
            for item, often, age in zip(items.tolist(), popularity.tolist(), ages.tolist(), strict=True)
        ]


def with_queries(steps: Sequence[LearningStep], catalogue: Catalogue, *, seed: int) -> list[tuple[str, LearningStep]]:
    """Steps with a query of the target's title each, and with items that match it among the negatives."""
    titles, draw = TitleQueries(catalogue), np.random.default_rng(seed)
    made = []
    for step in steps:
        query = titles.draw(step.target, draw)
        if query is None:
            continue
        matches = titles.matches(query, np.append(step.history, step.target), draw)
        others = step.negatives[~np.isin(step.negatives, matches)][: max(0, len(step.negatives) - len(matches))]
        made.append((query, replace(step, negatives=np.concatenate([matches, others]))))
    return made


def reported_steps(steps: Sequence[Step], interactions: Interactions) -> list[LearningStep]:
    """The test's steps among popular negatives; the moment is that of the last item of the history.

    Args:
        steps: the test's.
        interactions: the test's targets taken out.
    """
    first: dict[tuple[str, int], float] = {}
    liked = interactions.liked
    for owner, item, time in zip(
        interactions.owners[liked].tolist(),
        interactions.items[liked].tolist(),
        interactions.times[liked].tolist(),
        strict=True,
    ):
        first.setdefault((interactions.users[owner], item), time)
    return [
        LearningStep(
            user=step.user,
            history=step.history,
            target=step.target,
            negatives=step.popular,
            moment=first.get((step.user, int(step.history[-1])), float("nan")),
        )
        for step in steps
    ]
