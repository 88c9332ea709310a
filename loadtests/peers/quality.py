"""How well a peer orders: NDCG@10 on film search, with the texts, judgements and measure of `model-build evaluate`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from loadtests.peers.peer import Request
from model_build.evaluation.metrics import Interval, bootstrap, percentile_interval, ndcg_at_k
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
    """Film queries whose id is a multiple of 5, so many of them drawn with the seed; all where None.

    Raises:
        DataError: a file is missing or isn't laid out as expected.
    """
    return film_task(reported_fifth, FIFTH).load(data, limit=queries, seed=SEED)


def texts_of(films: SearchProblem) -> Sequence[str]:
    """Every text that a query asks to order, once."""
    return sorted({films.documents[row] for query in films.queries for row in query.documents})


def measure_quality(films: SearchProblem, rank: Callable[[Request], Sequence[float]]) -> Quality:
    """Let a peer order each query's judged documents, which come in an order drawn with the seed.

    Scores count by their order alone: a sigmoid's are too close to each other for the measure's rounding.
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
