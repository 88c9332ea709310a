"""What a model gives, broken down: decisions by class, by confusion and by probability; grades by the right ones."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_build.report.task.contents import ClassRow, Confusion, GradeBin, ReliabilityBin

MOST_CONFUSIONS = 20
_GRADE_BINS = 10
_NORMAL_95 = 1.959964  # 97.5th percentile of the normal distribution


def confusion_matrix(decided: NDArray[np.int64], right: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Count examples by right class, row, and decision, column: `[examples]` twice -> `[classes, classes]`."""
    return np.bincount(right * classes + decided, minlength=classes**2).reshape(classes, classes)


def class_rows(matrix: NDArray[np.int64], names: Sequence[str]) -> tuple[ClassRow, ...]:
    """Precision, recall and F1 of each class of a confusion matrix, the lowest F1 first, unmeasured classes last."""
    hits, right, given = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    rows = [
        ClassRow(
            name=name,
            examples=int(right[place]),
            precision=_ratio(hits[place], given[place]),
            recall=_ratio(hits[place], right[place]),
            f1=_ratio(2 * hits[place], right[place] + given[place]),
        )
        for place, name in enumerate(names)
    ]
    return tuple(sorted(rows, key=lambda row: math.inf if row.f1 is None else row.f1))


def most_confused(matrix: NDArray[np.int64], names: Sequence[str]) -> tuple[Confusion, ...]:
    """The most frequent confusions of a confusion matrix, at most 20."""
    wrong = matrix - np.diag(matrix.diagonal())
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CONFUSIONS]
    places = [divmod(int(place), len(names)) for place in order]
    return tuple(
        Confusion(
            names[right], names[given], int(wrong[right, given]), float(wrong[right, given] / matrix[right].sum())
        )
        for right, given in places
        if wrong[right, given]
    )


def reliability(confidence: NDArray[np.float64], hit: NDArray[np.bool_], bins: int) -> tuple[ReliabilityBin, ...]:
    """Decisions in bins of equal width by their probability; empty bins are left out.

    Args:
        confidence: `[examples]`, the probability of the decision.
        hit: `[examples]`, whether it is right.
        bins: number of bins between 0 and 1.
    """
    places = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    found = []
    for place in np.unique(places):
        inside = places == place
        count, accuracy = int(inside.sum()), float(hit[inside].mean())
        found.append(ReliabilityBin(count, float(confidence[inside].mean()), accuracy, *wilson(accuracy, count)))
    return tuple(found)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of `count` examples.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    square = _NORMAL_95**2 / count
    centre = share + square / 2
    spread = math.sqrt(share * (1 - share) * square + square**2 / 4)
    return (centre - spread) / (1 + square), (centre + spread) / (1 + square)


def grade_bins(given: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[GradeBin, ...]:
    """Grades `[examples]` in at most ten bins of equal width by the right grade; empty bins are left out.

    The right grades that a table has are often few: ten or fewer get a bin each.
    """
    distinct = np.unique(right)
    if len(distinct) <= _GRADE_BINS:
        places = np.searchsorted(distinct, right)
    else:
        edges = np.linspace(distinct[0], distinct[-1], _GRADE_BINS + 1)
        places = np.searchsorted(edges[1:-1], right, side="right")
    found = []
    for place in np.unique(places):
        ours, theirs = given[places == place], right[places == place]
        tenth, ninetieth = (float(one) for one in np.percentile(ours, [10, 90]))
        low, high, mean = float(theirs.min()), float(theirs.max()), float(theirs.mean())
        found.append(GradeBin(low, high, len(ours), mean, float(ours.mean()), tenth, ninetieth))
    return tuple(found)


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
