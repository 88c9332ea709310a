"""Searches by somebody with a history: of the same topic as the question, or of another.

No public set has queries with histories. A query's own relevant documents make a history of the same topic, and are
taken out of its candidates; those of another query make one of another topic. The demo catalogue's questions have both
by judgement.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from model_build.ranking.data.demo_questions import DemoQuestion
from model_build.ranking.data.requests import JudgedRequest
from service.api.schemas.rank import Candidate, HistoryEvent
from service.feature_store.items.item import Item

Topic = Literal["related", "unrelated"]
TOPICS: tuple[Topic, ...] = ("related", "unrelated")
EVENTS = 3
_LEAST_RELEVANT = 3  # one at least is left to be found


def with_histories(requests: Sequence[JudgedRequest], topic: Topic, *, seed: int) -> list[JudgedRequest]:
    """Searches with a history each; those that have too few relevant documents to spare are passed over.

    The candidates are the same for both topics, so that the figures of both compare with those without a history.

    Args:
        requests: without histories.
        topic: of the histories.
        seed: of the draws.
    """
    draw = np.random.default_rng(seed)
    spared = [(one, _spare(one, draw)) for one in requests if (one.gains > 0).sum() >= _LEAST_RELEVANT]
    shift = len(spared) // 2  # the history of a query far from this one in the file
    made = []
    for place, (request, own) in enumerate(spared):
        other, others = spared[(place + shift) % len(spared)]
        chosen, source = (own, request) if topic == "related" else (others, other)
        kept = np.setdiff1d(np.arange(len(request.candidates)), own)
        made.append(
            replace(
                request,
                history=[_event(source.candidates[one]) for one in chosen],
                candidates=[request.candidates[one] for one in kept.tolist()],
                gains=request.gains[kept],
            )
        )
    return made


def demo_requests(
    questions: Sequence[DemoQuestion], catalogue: Sequence[Item], topic: Topic | None
) -> list[JudgedRequest]:
    """The questions to the demo catalogue, over all of its items, with the histories that were judged, or none."""
    by_id = {item.id: item for item in catalogue}
    return [
        JudgedRequest(
            query=one.query,
            history=[
                HistoryEvent(item_id=event, text=by_id[event].text, category=by_id[event].category, action="click")
                for event in (() if topic is None else one.related if topic == "related" else one.unrelated)
            ],
            candidates=[Candidate(id=item.id, text=item.text, category=item.category or "") for item in catalogue],
            gains=np.array([2.0 ** one.relevant.get(item.id, 0) - 1 for item in catalogue]),
            group=f"demo {one.query}",
            source="demo questions",
        )
        for one in questions
    ]


def _spare(request: JudgedRequest, draw: np.random.Generator) -> list[int]:
    """Some relevant documents, not all of them."""
    relevant = np.flatnonzero(request.gains > 0)
    count = min(EVENTS, len(relevant) - 1)
    return sorted(draw.choice(relevant, count, replace=False).tolist())


def _event(candidate: Candidate) -> HistoryEvent:
    return HistoryEvent(text=candidate["text"], action="click")
