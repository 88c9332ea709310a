"""Means and paired differences over a few seeds, with intervals by Student's t."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and its interval of level `LEVEL`, which is about other seeds, not about other test texts."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """The paired difference of a metric, and the number of the seeds in which the variant's is higher."""

    estimate: Estimate
    higher: int
    seeds: int

    @property
    def shown(self) -> bool:
        """Whether the interval excludes 0."""
        return self.estimate.low > 0.0 or self.estimate.high < 0.0


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and interval of at least two independent values."""
    if len(values) < 2:
        raise ValueError("an interval needs at least two values")
    mean, error = float(np.mean(values)), float(np.std(values, ddof=1)) / len(values) ** 0.5
    reach = float(t.ppf((1.0 + LEVEL) / 2.0, df=len(values) - 1)) * error
    return Estimate(mean, mean - reach, mean + reach)


def paired_difference(values: Sequence[float], references: Sequence[float]) -> Difference:
    """Compare values of the same seeds, in the same order."""
    differences = [value - reference for value, reference in zip(values, references, strict=True)]
    return Difference(estimate(differences), sum(one > 0.0 for one in differences), len(differences))
