"""Users' next steps as requests to the service."""

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
    """Turns the steps of a set into requests."""

    source: str
    catalogue: Catalogue
    activity: Activity

    def request(self, step: LearningStep) -> JudgedRequest:
        """A request for the target and its negatives. The target comes first; no signal uses the order."""
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
        """The latest event first. Ages are left out: the sets span years, so only the order is comparable."""
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
    """Give steps a query from the target's title, and put items that match it among the negatives."""
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
    """Steps of the test split with popular negatives, at the time of the last item of the history.

    The interactions are without the targets of the test split.
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
