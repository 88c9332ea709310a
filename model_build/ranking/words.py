"""What words are worth in a search: the setting that is worth most over several domains, none of which decides alone.

The two weights of words are few enough to try settings on a grid by the metric itself. A setting's worth is a soft
minimum over domains of what `fused` gains on the better of `dense` and `lexical`: a loss in one domain is not made up
for by a large gain in another. Of settings that are worth about as much, the one that trusts the lead least is taken:
what stands first in a text means something in some catalogues and nothing in others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from model_build.evaluation.metrics import bootstrap_figures, central_interval
from model_build.ranking.data.lists import JudgedList, Matrix, Metric, qualities
from service.ranking.weights import LeftOut, default_weights

OVERLAPS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8)
LEADS = (0.0, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3)
SOFTNESS = 0.01
"""Gains that differ by less than this count about alike in the soft minimum."""

TOLERANCE = 0.002
"""Settings whose worth is this near to the best one's are worth as much."""

_METRIC: Metric = "NDCG@10"
_GRID = tuple(product(OVERLAPS, LEADS))


@dataclass(frozen=True)
class WordFit:
    """What was learned.

    Attributes:
        weights: of `search`, by signal.
        held_out: float64 `[lists]`, how well each list was ordered by weights that had not seen its domain.
        left_out: how each domain did.
    """

    weights: Mapping[str, float]
    held_out: Matrix
    left_out: tuple[LeftOut, ...]


def fit_words(lists: Sequence[JudgedList], prior: Mapping[str, float], *, seed: int) -> WordFit:
    """Choose the weights of the query's words; all others stay as they were.

    Args:
        lists: of two domains at least, told apart by their sources.
        prior: the weights of `search` from before.
        seed: of the intervals.
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
        left_out.append(_figures(domain, held_out[own], bests[domain], seed))
    return WordFit(_with(prior, _GRID[_choose(gains)]), held_out, tuple(left_out))


def _choose(gains: Matrix) -> int:
    """The place in the grid of the setting to take.

    Args:
        gains: float64 `[domains, settings]`.
    """
    worth = -SOFTNESS * np.log(np.exp(-gains / SOFTNESS).mean(axis=0))
    near = np.flatnonzero(worth >= worth.max() - TOLERANCE).tolist()
    return min(near, key=lambda place: (_GRID[place][1], -worth[place]))


def _better(lists: Sequence[JudgedList], chosen: Matrix) -> Matrix:
    """How well the better of the two simple rankers orders some lists: float64 `[chosen]`."""
    own = [lists[place] for place in np.flatnonzero(chosen).tolist()]
    simple = [qualities(own, default_weights().of(ranker, "search"), _METRIC) for ranker in ("dense", "lexical")]
    return max(simple, key=lambda values: float(values.mean()))


def _figures(domain: str, fused: Matrix, best: Matrix, seed: int) -> LeftOut:
    differences = fused - best
    interval = central_interval(
        bootstrap_figures(lambda places: float(differences[places].mean()), len(differences), seed=seed)
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
    overlap, lead = setting
    return {**prior, "query_overlap": overlap, "query_lead_overlap": lead}
