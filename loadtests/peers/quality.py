"""A peer's quality: NDCG@10 on film search, with the texts, judgements and metric of `model-build evaluate`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from loadtests.peers.peer import Request
from model_build.evaluation.metrics import Interval, bootstrap, ndcg_at_k, percentile_interval
from model_build.evaluation.tasks.base import mean_of
from model_build.evaluation.tasks.search import FIFTH, SearchProblem, film_task, reported_fifth

SEED = 0


@dataclass(frozen=True)
class Quality:
    """NDCG@10.

    Attributes:
        value: the mean over the queries.
        interval: 95 %, by bootstrap over the queries.
    """

    value: float
    interval: Interval


def load_films(data: Path, queries: int | None) -> SearchProblem:
    """Read the film queries whose id is a multiple of 5; a number of them drawn with the seed, or all for None.

    Raises:
        DataError: a file is missing or has another layout than expected.
    """
    return film_task(reported_fifth, FIFTH).load(data, limit=queries, seed=SEED)


def texts_of(films: SearchProblem) -> Sequence[str]:
    """All candidate texts, once each."""
    return sorted({films.documents[row] for query in films.queries for row in query.documents})


def measure_quality(films: SearchProblem, rank: Callable[[Request], Sequence[float]]) -> Quality:
    """Measure a peer's order of each query's judged documents, which are shuffled with the seed.

    Scores are replaced by their ranks: those of a sigmoid are too close to each other for the metric's rounding.
    """
    draw = np.random.default_rng(SEED)
    values = []
    for query in films.queries:
        order = draw.permutation(len(query.documents))
        scores = rank(Request(query.text, [films.documents[row] for row in query.documents[order]]))
        values.append(ndcg_at_k(rankdata(scores), query.grades[order]))
    statistic = mean_of(np.array(values))
    figures = bootstrap(statistic, len(values), seed=SEED)
    return Quality(float(np.mean(values)), percentile_interval(figures))
