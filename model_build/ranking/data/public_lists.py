"""Public training data: searches of several domains and behaviour sets, without the reported examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_build.ranking.data.activity import Activity
from model_build.ranking.data.behaviour_requests import Composer, with_queries
from model_build.ranking.data.behaviour_set import LEARNED, BehaviourSet
from model_build.ranking.data.history_requests import TOPICS, with_histories
from model_build.ranking.data.lists import JudgedList, Metric
from model_build.ranking.data.requests import FeatureCache, judge
from model_build.ranking.data.search_domains import JUDGED_DOMAINS, SEARCH_DOMAINS
from model_build.ranking.data.steps import LEAST_BEFORE, draw_steps
from service.encoder.base import Encoder
from service.ranking.weights import Surface


@dataclass(frozen=True)
class TrainingSet:
    """Lists to learn a surface's weights from, their metric, and their description for `ranker.json`."""

    lists: Sequence[JudgedList]
    metric: Metric
    origin: str


def public_sets(data: Path, encoder: Encoder, *, seed: int) -> Mapping[Surface, TrainingSet]:
    """Make a training set for every surface; the seed draws steps, negatives and queries.

    Raises:
        DataError: a file below `data` is missing or has another layout than expected.
    """
    cache = FeatureCache(encoder)
    feed: list[JudgedList] = []
    both: list[JudgedList] = []
    for one in LEARNED:
        of_feed, of_both = _behaviour_lists(one, data, cache, seed)
        feed += of_feed
        both += of_both
    searches = [request for domain in SEARCH_DOMAINS for request in domain.load(data, seed)]
    search = judge(searches, cache)
    judged = [one for one in searches if one.source in {domain.name for domain in JUDGED_DOMAINS}]
    for topic in TOPICS:
        asked = with_histories(judged, topic, seed=seed)
        both += judge([replace(one, source=f"{one.source}, {topic}") for one in asked], cache)
    domains, names = (", ".join(one.name for one in those) for those in (SEARCH_DOMAINS, LEARNED))
    return {
        "search": TrainingSet(search, "NDCG@10", f"{len(search)} searches in {domains}"),
        "feed": TrainingSet(feed, "HR@10", f"{len(feed)} next steps in {names}"),
        "both": TrainingSet(
            both, "NDCG@10", f"{len(both)} searches with histories of their topic or another, or of a user's steps"
        ),
    }


def _behaviour_lists(
    behaviour: BehaviourSet, data: Path, cache: FeatureCache, seed: int
) -> tuple[list[JudgedList], list[JudgedList]]:
    """Lists of a set's steps, without and with queries."""
    catalogue = behaviour.catalogue(data)
    interactions = behaviour.interactions(data, catalogue)
    composer = Composer(behaviour.name, catalogue, Activity(interactions))
    # Sequences for fitting are short, and their first steps are like those of the test split.
    steps = draw_steps(interactions, least_before=1 if behaviour.sequences else LEAST_BEFORE, seed=seed)
    feed = judge([composer.request(step) for step in steps], cache)
    asked = with_queries(steps, catalogue, seed=seed)
    both = judge([replace(composer.request(step), query=query) for query, step in asked], cache)
    return feed, both
