"""The weights of the query's words in a search, by grid search for robustness over several domains.

With two weights, a grid can be searched by the metric itself. A setting's worth is a soft minimum over domains of the
gain of `fused` over the better of `dense` and `lexical`: a large gain in one domain does not make up for a loss in
another. Among settings of about equal worth, the one with the smallest weight of the title wins: the first words of a
text are a title in some catalogues only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from model_build.evaluation.metrics import bootstrap, percentile_interval
from model_build.ranking.data.lists import JudgedList, Matrix, Metric, qualities
from service.ranking.weights import LeftOut, default_weights

OVERLAPS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8)
TITLES = (0.0, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3)
SOFTNESS = 0.01
"""Scale of the soft minimum: gains that differ by less count about the same."""

TOLERANCE = 0.002
"""Settings whose worth is within this of the best are considered equal."""

_METRIC: Metric = "NDCG@10"
_GRID = tuple(product(OVERLAPS, TITLES))


@dataclass(frozen=True)
class WordFit:
    """Learned weights of `search`; metrics of each list and domain are under weights learned without the domain."""

    weights: Mapping[str, float]
    held_out: Matrix
    left_out: tuple[LeftOut, ...]


def fit_words(lists: Sequence[JudgedList], prior: Mapping[str, float], *, seed: int) -> WordFit:
    """Choose the weights of the query's words; all others keep their prior weights.

    The lists are of at least two domains, which are their sources; the seed is the intervals'.
    """
    sources = np.array([one.source for one in lists])
    domains = list(dict.fromkeys(sources.tolist()))
    ordered = np.array([qualities(lists, _with(prior, setting), _METRIC) for setting in _GRID])
    bests = {domain: _better(lists, sources == domain) for domain in domains}
    gains = np.array(
        [(ordered[:, sources == domain] - bests[domain]).mean(axis=1) for domain in domains]
    )  # [domains, settings]
    held_out = np.zeros(len(lists))
    left_out = []
    for place, domain in enumerate(domains):
        chosen = _choose(np.delete(gains, place, axis=0))
        own = sources == domain
        held_out[own] = ordered[chosen, own]
        left_out.append(_left_out(domain, held_out[own], bests[domain], seed))
    return WordFit(_with(prior, _GRID[_choose(gains)]), held_out, tuple(left_out))


def _choose(gains: Matrix) -> int:
    """Choose a setting by its gains, float64 `[domains, settings]`: its index in the grid."""
    worth = -SOFTNESS * np.log(np.exp(-gains / SOFTNESS).mean(axis=0))
    near = np.flatnonzero(worth >= worth.max() - TOLERANCE).tolist()
    return min(near, key=lambda place: (_GRID[place][1], -worth[place]))


def _better(lists: Sequence[JudgedList], chosen: Matrix) -> Matrix:
    """The metric of some lists under the better of the two simple rankers: float64 `[chosen]`."""
    own = [lists[place] for place in np.flatnonzero(chosen).tolist()]
    simple = [qualities(own, default_weights().of(ranker, "search"), _METRIC) for ranker in ("dense", "lexical")]
    return max(simple, key=lambda values: float(values.mean()))


def _left_out(domain: str, fused: Matrix, best: Matrix, seed: int) -> LeftOut:
    differences = fused - best
    interval = percentile_interval(
        bootstrap(lambda places: float(differences[places].mean()), len(differences), seed=seed)
    )
    return LeftOut(
        domain=domain,
        metric=_METRIC,
        lists=len(differences),
        fused=round(float(fused.mean()), 4),
        best=round(float(best.mean()), 4),
        low=round(interval.low, 4),
    )


def _with(prior: Mapping[str, float], setting: tuple[float, float]) -> dict[str, float]:
    overlap, title = setting
    return {**prior, "query_overlap": overlap, "query_lead_overlap": title}
