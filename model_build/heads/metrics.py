"""Metrics of a classifier, with bootstrap intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from model_build.evaluation.metrics import Interval, accuracy, bootstrap, percentile_interval, share_interval
from model_build.heads.data import Labels
from model_build.heads.logistic import Logits, class_indices
from service.heads.classifier import softmax

BINS = 15


@dataclass(frozen=True)
class Metrics:
    """Metrics of one classifier on one set of examples, with the accuracy's 95 % interval by bootstrap over examples.

    `resampled`, float64 `[resamples]`, has the accuracy over each sample.
    """

    examples: int
    accuracy: float
    interval: Interval
    macro_f1: float
    calibration_error: float
    resampled: NDArray[np.float64]

    def share_of(self, other: "Metrics") -> tuple[float | None, Interval | None]:
        """This accuracy divided by another's on the same examples, with its paired interval."""
        share = self.accuracy / other.accuracy if other.accuracy else None
        return share, share_interval(self.resampled, other.resampled)


def measure(logits: Logits, labels: Labels, classes: Sequence[str], *, seed: int) -> Metrics:
    """Measure a classifier by its logits, float64 `[examples, classes]`; classes are sorted.

    The seed is the bootstrap's: the same one draws the same samples for every classifier.
    """
    expected, predicted = class_indices(labels, classes), logits.argmax(axis=1)
    drawn = bootstrap(lambda indexes: accuracy(predicted[indexes], expected[indexes]), len(expected), seed=seed)
    return Metrics(
        examples=len(expected),
        accuracy=accuracy(predicted, expected),
        interval=percentile_interval(drawn),
        macro_f1=float(f1_score(expected, predicted, average="macro")),
        calibration_error=calibration_error(softmax(logits), expected),
        resampled=drawn,
    )


def calibration_error(probabilities: NDArray[np.float64], expected: NDArray[np.int64]) -> float:
    """Expected calibration error of the decisions, from 0 to 1; 0 is best.

    Decisions are put into 15 bins of equal width by their probability, a column of float64 `[examples, classes]`. The
    error is the mean distance between a bin's mean probability and its accuracy, weighted by the bins' sizes.

    Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, 2015.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == expected
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(expected))
