"""Weights by the listwise loss, within bounds and with an L2 pull towards prior weights.

The pull determines the weights of signals that the lists do not inform. The loss fixes the scale of the scores, which
is the temperature of the softmax, so the prior is first scaled to minimise the loss. Learned weights are scaled back so
that the largest is 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from model_build.ranking.data.lists import JudgedList, Matrix, Metric, qualities
from model_build.ranking.loss import ListwiseLoss
from service.ranking.signals import SIGNALS

STRENGTHS = (1e-5, 1e-4, 1e-3)
"""Strengths of the pull; cross-validation chooses one."""

SIMILARITIES = (
    "query_similarity",
    "query_overlap",
    "query_lead_overlap",
    "history_similarity",
    "history_peak",
    "history_overlap",
)
"""The largest weight among these is 1."""

NEVER_NEGATIVE = (*SIMILARITIES, "category_affinity", "upstream_score", "upstream_position", "popularity", "freshness")
NEVER_POSITIVE = ("skip_similarity", "repetition")

SPANS = {
    "history_similarity": 1.2,
    "history_peak": 1.2,
    "history_overlap": 1.0,
    "skip_similarity": 1.2,
    "category_affinity": 1.0,
}
"""Signals of a history that a search may use, and how much two candidates can differ in each."""

MOST_OF_HISTORY = 0.18
"""Maximal change of a score difference by the history: a candidate that leads a search by more stays ahead."""

_LOG_SCALES = (-3.0, 6.0)
_PRECISION = {"ftol": 1e-7, "gtol": 1e-5}


@dataclass(frozen=True)
class Fit:
    """Learned weights.

    Attributes:
        weights: by signal, scaled so that the largest of `SIMILARITIES` is 1.
        held_out: float64 `[lists]`, metric of each list under weights learned without its group.
        strength: of the pull, one of `STRENGTHS`; None if there is none.
    """

    weights: Mapping[str, float]
    held_out: Matrix
    strength: float | None


def cross_fit(lists: Sequence[JudgedList], prior: Mapping[str, float], metric: Metric, *, folds: int, seed: int) -> Fit:
    """Choose the strength of the pull to prior weights by the loss on held-out groups, then fit to all lists.

    The lists are of at least two groups; with fewer groups there are fewer folds. The metric is that of held-out lists.
    """
    held_out: dict[float, Matrix] = {strength: np.zeros(len(lists)) for strength in STRENGTHS}
    losses = dict.fromkeys(STRENGTHS, 0.0)
    for places, inside, outside in _folds(lists, folds, seed):
        loss, outside_loss = ListwiseLoss(inside), ListwiseLoss(outside)
        for strength, learned in _path(loss, prior, STRENGTHS):
            losses[strength] += outside_loss(learned)[0]
            held_out[strength][places] = qualities(outside, readable(learned), metric)
    best = min(STRENGTHS, key=lambda strength: (losses[strength], -strength))
    ((_, final),) = _path(ListwiseLoss(lists), prior, (best,))
    return Fit(readable(final), held_out[best], best)


def fit_history(
    lists: Sequence[JudgedList], search: Mapping[str, float], metric: Metric, *, folds: int, seed: int
) -> Fit:
    """Fit the weights of the history in a search; the weights of a search without one stay fixed.

    The lists are of searches with a history, on the same topic or another.
    """
    held_out = np.zeros(len(lists))
    for places, inside, outside in _folds(lists, folds, seed):
        held_out[places] = qualities(outside, _with_history(inside, search), metric)
    return Fit(_with_history(lists, search), held_out, None)


def _with_history(lists: Sequence[JudgedList], search: Mapping[str, float]) -> dict[str, float]:
    """Weights of a search with a history, which moves no candidate by more than `MOST_OF_HISTORY`."""
    loss = ListwiseLoss(lists)
    own = np.array([search[name] for name in SIGNALS])
    scale = float(np.exp(_log_scale(loss, own)))
    places = [SIGNALS.index(name) for name in SPANS]

    def total(added: Matrix) -> tuple[float, Matrix]:
        weights = scale * own
        weights[places] += added
        value, gradient = loss(weights)
        return value, gradient[places]

    most = [scale * MOST_OF_HISTORY / span for span in SPANS.values()]
    bounds = [
        (-limit, 0.0) if name in NEVER_POSITIVE else (0.0, limit) for name, limit in zip(SPANS, most, strict=True)
    ]
    added = minimize(total, np.zeros(len(places)), jac=True, method="L-BFGS-B", bounds=bounds, options=_PRECISION).x
    added /= scale
    moved = float(np.abs(added) @ np.array(list(SPANS.values())))
    added *= min(1.0, MOST_OF_HISTORY / moved) if moved else 1.0
    return {**search, **dict(zip(SPANS, added.tolist(), strict=True))}


def readable(weights: Matrix) -> dict[str, float]:
    """Scale weights so that the largest of `SIMILARITIES` is 1, or if all of these are 0, the largest magnitude."""
    named = dict(zip(SIGNALS, weights.tolist(), strict=True))
    scale = max(named[name] for name in SIMILARITIES) or max(abs(one) for one in named.values()) or 1.0
    return {name: weight / scale for name, weight in named.items()}


def _path(loss: ListwiseLoss, prior: Mapping[str, float], strengths: Sequence[float]) -> Iterator[tuple[float, Matrix]]:
    """Minimise loss plus pull for each strength: pairs of strength and weights, on the scale of the softmax.

    The strongest comes first; each search starts from the previous weights.
    """
    bounds = [
        (0.0 if name in NEVER_NEGATIVE else -np.inf, 0.0 if name in NEVER_POSITIVE else np.inf) for name in SIGNALS
    ]
    least, most = np.array(bounds).T
    before: Matrix = np.clip([prior[name] for name in SIGNALS], least, most)
    before = np.exp(_log_scale(loss, before)) * before
    weights = before
    for strength in sorted(strengths, reverse=True):

        def total(weights: Matrix, strength: float = strength) -> tuple[float, Matrix]:
            value, gradient = loss(weights)
            away = weights - before
            return value + strength * float(away @ away), gradient + 2 * strength * away

        weights = minimize(total, weights, jac=True, method="L-BFGS-B", bounds=bounds, options=_PRECISION).x
        yield strength, weights


def _log_scale(loss: ListwiseLoss, weights: Matrix) -> float:
    """Logarithm of the scale of the weights that minimises the loss."""
    found = minimize_scalar(
        lambda power: loss(np.exp(power) * weights)[0], bounds=_LOG_SCALES, method="bounded", options={"xatol": 0.1}
    )
    return float(found.x)


def _folds(
    lists: Sequence[JudgedList], folds: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], list[JudgedList], list[JudgedList]]]:
    """Yield each fold's indices, the other lists, and its own; groups are spread evenly, at random."""
    names, of = np.unique([one.group for one in lists], return_inverse=True)
    parts = (np.random.default_rng(seed).permutation(len(names)) % folds)[of]
    for part in np.unique(parts):
        inside, outside = np.flatnonzero(parts != part), np.flatnonzero(parts == part)
        yield outside, [lists[place] for place in inside.tolist()], [lists[place] for place in outside.tolist()]
