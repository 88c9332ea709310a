"""How well a head did, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from model_build.evaluation.metrics import Interval, accuracy, bootstrap_figures, central_interval, share_interval
from model_build.heads.data import Labels
from model_build.heads.logistic import Logits, places_of
from service.heads.head import softmax

BINS = 15


@dataclass(frozen=True)
class Figures:
    """Figures of one classifier on one set of examples.

    Attributes:
        examples: how many.
        accuracy: share of the decisions that are right.
        interval: of the accuracy, 95 %, by bootstrap over examples.
        macro_f1: the mean of the classes' F1.
        calibration_error: how far probabilities are from how often they are right (see `calibration_error`).
        resampled: float64 `[resamples]`, the accuracy over each of the bootstrap's samples.
    """

    examples: int
    accuracy: float
    interval: Interval
    macro_f1: float
    calibration_error: float
    resampled: NDArray[np.float64]

    def share_of(self, other: "Figures") -> tuple[float | None, Interval | None]:
        """This accuracy as a share of another's on the same examples, with its paired interval; None of nothing."""
        share = self.accuracy / other.accuracy if other.accuracy else None
        return share, share_interval(self.resampled, other.resampled)


def figures_of(logits: Logits, labels: Labels, classes: Sequence[str], *, seed: int) -> Figures:
    """Measure a classifier.

    Args:
        logits: float64 `[examples, classes]`.
        labels: of the examples, every one a class.
        classes: sorted.
        seed: of the bootstrap; the same seed draws the same samples for every classifier.
    """
    expected, predicted = places_of(labels, classes), logits.argmax(axis=1)
    drawn = bootstrap_figures(lambda indexes: accuracy(predicted[indexes], expected[indexes]), len(expected), seed=seed)
    return Figures(
        examples=len(expected),
        accuracy=accuracy(predicted, expected),
        interval=central_interval(drawn),
        macro_f1=float(f1_score(expected, predicted, average="macro")),
        calibration_error=calibration_error(softmax(logits), expected),
        resampled=drawn,
    )


def calibration_error(probabilities: NDArray[np.float64], expected: NDArray[np.int64]) -> float:
    """Expected calibration error of the decisions: how far their probability is from how often they are right.

    The decisions are put into 15 bins of equal width by their probability; what is averaged, weighed by the bins'
    sizes, is the distance between the mean probability of a bin and its accuracy.

    Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, 2015.

    Args:
        probabilities: float64 `[examples, classes]`.
        expected: int64 `[examples]`, the places of the right classes.

    Returns:
        From 0 to 1; 0 is best.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == expected
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(expected))
