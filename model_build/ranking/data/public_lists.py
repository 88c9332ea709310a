"""What weights are learned from without a log: searches of several domains and behaviour sets, none ever reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_build.ranking.data.activity import Activity
from model_build.ranking.data.behaviour_requests import Composer, with_queries
from model_build.ranking.data.behaviour_set import LEARNED, BehaviourSet
from model_build.ranking.data.history_requests import TOPICS, with_histories
from model_build.ranking.data.lists import JudgedList, Metric
from model_build.ranking.data.requests import Memory, judge
from model_build.ranking.data.search_domains import JUDGED_DOMAINS, SEARCH_DOMAINS
from model_build.ranking.data.steps import LEAST_BEFORE, draw_steps
from service.encoder.base import Encoder
from service.ranking.weights import Surface


@dataclass(frozen=True)
class Lesson:
    """What a situation's weights are learned from.

    Attributes:
        lists: the lists.
        metric: what tells how good weights are.
        origin: what the lists are, for `ranker.json`.
    """

    lists: Sequence[JudgedList]
    metric: Metric
    origin: str


def public_lessons(data: Path, encoder: Encoder, *, seed: int) -> Mapping[Surface, Lesson]:
    """A lesson for every situation.

    Args:
        data: the folder that holds `benchmark/`.
        encoder: the artifact's.
        seed: of the draws of steps, negatives and queries.

    Raises:
        DataError: a file is missing or isn't laid out as expected.
    """
    memory = Memory(encoder)
    feed: list[JudgedList] = []
    both: list[JudgedList] = []
    for one in LEARNED:
        of_feed, of_both = _behaviour_lists(one, data, memory, seed)
        feed += of_feed
        both += of_both
    searches = [request for domain in SEARCH_DOMAINS for request in domain.load(data, seed)]
    search = judge(searches, memory)
    judged = [one for one in searches if one.source in {domain.name for domain in JUDGED_DOMAINS}]
    for topic in TOPICS:
        asked = with_histories(judged, topic, seed=seed)
        both += judge([replace(one, source=f"{one.source}, {topic}") for one in asked], memory)
    domains, names = (", ".join(one.name for one in those) for those in (SEARCH_DOMAINS, LEARNED))
    return {
        "search": Lesson(search, "NDCG@10", f"{len(search)} searches in {domains}"),
        "feed": Lesson(feed, "HR@10", f"{len(feed)} next steps in {names}"),
        "both": Lesson(
            both, "NDCG@10", f"{len(both)} searches with histories of their topic or another, or of a user's steps"
        ),
    }


def _behaviour_lists(
    behaviour: BehaviourSet, data: Path, memory: Memory, seed: int
) -> tuple[list[JudgedList], list[JudgedList]]:
    """The lists of a set's steps, without and with queries."""
    catalogue = behaviour.catalogue(data)
    interactions = behaviour.interactions(data, catalogue)
    composer = Composer(behaviour.name, catalogue, Activity(interactions))
    # Sequences for fitting are short, and their first step is one that the test's users have too.
    steps = draw_steps(interactions, least_before=1 if behaviour.sequences else LEAST_BEFORE, seed=seed)
    feed = judge([composer.request(step) for step in steps], memory)
    asked = with_queries(steps, catalogue, seed=seed)
    both = judge([replace(composer.request(step), query=query) for query, step in asked], memory)
    return feed, both
