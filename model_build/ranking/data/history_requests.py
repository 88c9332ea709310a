"""Searches with a history on the topic of the query, or on another topic.

No public set has queries with histories. For a related history, some of the query's relevant documents are moved from
its candidates to the history; an unrelated history consists of those of another query. The demo catalogue's questions
have both, chosen by hand.
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
_LEAST_RELEVANT = 3  # at least one of them stays a candidate


def with_histories(requests: Sequence[JudgedRequest], topic: Topic, *, seed: int) -> list[JudgedRequest]:
    """Give searches a history on a topic relative to the query; those with too few relevant documents are skipped.

    The candidates are the same for both topics, so that their metrics can be compared.
    """
    draw = np.random.default_rng(seed)
    drawn = [(one, _draw_history(one, draw)) for one in requests if (one.gains > 0).sum() >= _LEAST_RELEVANT]
    shift = len(drawn) // 2  # the other query is far from this one in the file
    made = []
    for place, (request, own) in enumerate(drawn):
        other, others = drawn[(place + shift) % len(drawn)]
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
    """Requests for the questions to the demo catalogue, over all its items, with the given kind of history or none."""
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


def _draw_history(request: JudgedRequest, draw: np.random.Generator) -> list[int]:
    """Draw some of the relevant documents, not all."""
    relevant = np.flatnonzero(request.gains > 0)
    count = min(EVENTS, len(relevant) - 1)
    return sorted(draw.choice(relevant, count, replace=False).tolist())


def _event(candidate: Candidate) -> HistoryEvent:
    return HistoryEvent(text=candidate["text"], action="click")
