"""`model-build evaluate-ranking`: the artifact's ranking beside simple ones, on examples that train nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model_build.common.systems import EmbeddingSystem
from model_build.evaluation.cache import DistinctTexts, VectorCache
from model_build.evaluation.metrics import Interval, Statistic, bootstrap, hits_at_k, percentile_interval
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.tasks.base import Problem, mean_of
from model_build.evaluation.tasks.behaviour import BEHAVIOUR_TASKS
from model_build.evaluation.tasks.search import SEARCH_TASKS, SearchTask
from model_build.ranking.baselines import tfidf_scores
from model_build.ranking.data.activity import Activity
from model_build.ranking.data.behaviour_requests import Composer, reported_steps
from model_build.ranking.data.behaviour_set import REPORTED, BehaviourSet
from model_build.ranking.data.demo_questions import read_demo_questions
from model_build.ranking.data.history_requests import TOPICS, demo_requests, with_histories
from model_build.ranking.data.lists import JudgedList, Metric, qualities
from model_build.ranking.data.requests import FeatureCache, JudgedRequest, judge
from model_build.ranking.data.search_requests import search_requests
from service.artifact.artifact import Artifact
from service.encoder.onnx import OnnxEncoder
from service.feature_store.items.catalogue import read_catalogue
from service.ranking.weights import SignalWeights, Surface, load_weights
from service.settings import DEMO_CATALOGUE

CHANCE, BM25, TFIDF, STUDENT, LEXICAL = "no order", "BM25", "TF-IDF", "dense student", "lexical"
TEXT_ALONE, FUSED = "fused, text alone", "fused"
NO_HISTORY, HISTORIES = "no history", ", histories"
_WITH_HISTORIES = ("msrd", "homedepot")
_AT_ONCE = 500  # a request of a hundred candidates takes some tens of kilobytes
_NOT_OF_TEXTS = ("popularity", "freshness")


@dataclass(frozen=True)
class Ranked:
    """The metric of one ranking on a task, with its 95 % interval by bootstrap over examples."""

    task: str
    ranking: str
    metric: Metric
    value: float
    interval: Interval
    examples: int


@dataclass(frozen=True)
class Comparison:
    """The difference between two rankings' metrics, its 95 % interval by the paired bootstrap, and their ratio."""

    task: str
    ranking: str
    reference: str
    difference: float
    interval: Interval
    ratio: float


@dataclass(frozen=True)
class RankingResult:
    """The measured rankings of an artifact.

    Comparisons are of `fused` with the others, and of searches with a history with those without. The seed is that of
    the draws of examples and of the intervals; `limit` is the maximal number of examples per task, None for all.
    """

    model: str
    revision: str
    rankings: Sequence[Ranked]
    comparisons: Sequence[Comparison]
    seed: int
    limit: int | None


@dataclass(frozen=True)
class _Task:
    """A task's metrics as functions of indices of its examples."""

    name: str
    metric: Metric
    examples: int
    statistics: Mapping[str, Statistic]
    pairs: Sequence[tuple[str, str]]


def evaluate_ranking(
    artifact: Artifact,
    data: Path,
    teacher: EmbeddingSystem | None,
    *,
    limit: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
) -> RankingResult:
    """Measure an artifact's ranking, by its own weights, on the benchmark in `data`, beside a teacher if given.

    At most `limit` examples per task are drawn with the seed; `cache` keeps the teacher's vectors between runs.

    Raises:
        ArtifactError: the graph can't be run.
        RankerError: the weights can't be read.
        DataError: a file is missing or has another layout than expected.
    """
    measuring = _Measuring(
        data=data,
        cached=FeatureCache(OnnxEncoder(artifact)),
        weights=load_weights(artifact.ranker_path),
        teacher=None if teacher is None else DistinctTexts(teacher, VectorCache(cache) if cache else None),
        limit=limit,
        seed=seed,
    )
    tasks = [measuring.search(one) for one in SEARCH_TASKS]
    tasks += measuring.histories()
    tasks += [measuring.behaviour(one) for one in REPORTED]
    rankings: list[Ranked] = []
    comparisons: list[Comparison] = []
    for task in tasks:
        samples = {name: bootstrap(statistic, task.examples, seed=seed) for name, statistic in task.statistics.items()}
        everything = np.arange(task.examples, dtype=np.int64)
        values = {name: statistic(everything) for name, statistic in task.statistics.items()}
        rankings += [
            Ranked(task.name, name, task.metric, values[name], percentile_interval(samples[name]), task.examples)
            for name in task.statistics
        ]
        comparisons += [
            Comparison(
                task=task.name,
                ranking=one,
                reference=other,
                difference=values[one] - values[other],
                interval=percentile_interval(samples[one] - samples[other]),
                ratio=values[one] / values[other] if values[other] else float("inf"),
            )
            for one, other in task.pairs
        ]
    return RankingResult(artifact.manifest.name, artifact.manifest.revision, rankings, comparisons, seed, limit)


@dataclass(frozen=True)
class _Measuring:
    data: Path
    cached: FeatureCache
    weights: SignalWeights
    teacher: EmbeddingSystem | None
    limit: int | None
    seed: int

    def search(self, task: SearchTask) -> _Task:
        """Queries with judged documents, by NDCG@10."""
        problem = task.load(self.data, limit=self.limit, seed=self.seed)
        lists = judge(search_requests(problem, task.name), self.cached)
        compared = {BM25: problem.measure(BM25System())[0].statistic, **self._teachers(problem)}
        statistics = compared | self._own(lists, "search", "NDCG@10")
        return _Task(task.name, "NDCG@10", len(lists), statistics, _fused_against([*compared, STUDENT, LEXICAL]))

    def histories(self) -> list[_Task]:
        """Searches without a history, with one of the same topic and with one of another, over the same candidates."""
        tasks = []
        for task in SEARCH_TASKS:
            if task.name in _WITH_HISTORIES:
                requests = search_requests(task.load(self.data, limit=self.limit, seed=self.seed), task.name)
                related, unrelated = (with_histories(requests, topic, seed=self.seed) for topic in TOPICS)
                bare = [replace(one, history=()) for one in related]
                tasks.append(self._history_task(task.name, (bare, related, unrelated)))
        catalogue, questions = read_catalogue(DEMO_CATALOGUE), read_demo_questions()
        asked = tuple(demo_requests(questions, catalogue, topic) for topic in (None, *TOPICS))
        return [*tasks, self._history_task("demo questions", asked)]

    def behaviour(self, behaviour: BehaviourSet) -> _Task:
        """Users' next steps among popular items, by HR@10."""
        task = next(one for one in BEHAVIOUR_TASKS if one.name == behaviour.name)
        problem = task.load(self.data, limit=self.limit, seed=self.seed)
        catalogue = behaviour.catalogue(self.data)
        interactions = behaviour.interactions(self.data, catalogue)
        composer = Composer(behaviour.name, catalogue, Activity(interactions))
        steps = reported_steps(problem.steps, interactions)
        lists = [
            one
            for start in range(0, len(steps), _AT_ONCE)
            for one in judge([composer.request(step) for step in steps[start : start + _AT_ONCE]], self.cached)
        ]
        words = tfidf_scores(problem.items, problem.steps)
        compared = {TFIDF: mean_of(hits_at_k(words[:, 0], words[:, 1:])), **self._teachers(problem)}
        statistics = compared | self._own(lists, "feed", "HR@10")
        return _Task(behaviour.name, "HR@10", len(lists), statistics, _fused_against([*compared]))

    def _teachers(self, problem: Problem) -> dict[str, Statistic]:
        return {self.teacher.name: problem.measure(self.teacher)[0].statistic} if self.teacher else {}

    def _history_task(self, name: str, requests: Sequence[Sequence[JudgedRequest]]) -> _Task:
        surfaces: tuple[Surface, ...] = ("search", "both", "both")
        lists = [judge(one, self.cached) for one in requests]
        statistics = {
            kind: mean_of(qualities(one, self.weights.of("fused", surface), "NDCG@10"))
            for kind, one, surface in zip((NO_HISTORY, *TOPICS), lists, surfaces, strict=True)
        }
        pairs = [(topic, NO_HISTORY) for topic in TOPICS]
        return _Task(f"{name}{HISTORIES}", "NDCG@10", len(lists[0]), statistics, pairs)

    def _own(self, lists: Sequence[JudgedList], surface: Surface, metric: Metric) -> dict[str, Statistic]:
        """The service's rankers; without an order by the backend its ranker scores all candidates alike."""
        fused = self.weights.of("fused", surface)
        rankers = {
            CHANCE: self.weights.of("upstream", surface),
            LEXICAL: self.weights.of("lexical", surface),
            STUDENT: self.weights.of("dense", surface),
            TEXT_ALONE: {name: 0.0 if name in _NOT_OF_TEXTS else weight for name, weight in fused.items()},
            FUSED: fused,
        }
        return {name: mean_of(qualities(lists, one, metric)) for name, one in rankers.items()}


def _fused_against(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(FUSED, name) for name in names]
