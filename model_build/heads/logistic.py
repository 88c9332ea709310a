"""Multinomial logistic regression whose regularisation is chosen on held-out examples.

Strengths are tried from the strongest on, with warm starts, until the held-out log-likelihood falls. Held out is a dev
split, or each fold of the training split in turn. On the same examples a temperature is fitted (Guo et al., On
calibration of modern neural networks, 2017): the logits are divided by it so that probabilities are calibrated. It
changes no decision and is folded into the weights. The test split has no influence.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from model_build.common.systems import Vectors
from model_build.heads.data import Labels
from model_build.heads.features import cores

STRENGTHS = (0.0625, 0.25, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0)
"""Values of C, the inverse regularisation."""

# At 1e-4 a warm start ends where it begins.
TOLERANCE = 1e-5
ITERATIONS = 3000
_LOG_TEMPERATURES = (-2.0, 2.0)

Logits = NDArray[np.float64]
Split = tuple[NDArray[np.int64], NDArray[np.int64]]
Step = Callable[[], None]


@dataclass(frozen=True)
class LinearHead:
    """A linear classifier in float64.

    Attributes:
        classes: the labels, in the order of the rows.
        matrix: float64 `[classes, width]`.
        biases: float64 `[classes]`.
    """

    classes: tuple[str, ...]
    matrix: NDArray[np.float64]
    biases: NDArray[np.float64]

    def logits(self, features: Vectors) -> Logits:
        """The logit of each class: float64 `[examples, classes]`."""
        return np.asarray(features @ self.matrix.T + self.biases, dtype=np.float64)

    def tempered(self, temperature: float) -> "LinearHead":
        """The head with logits divided by a temperature."""
        return LinearHead(self.classes, self.matrix / temperature, self.biases / temperature)


@dataclass(frozen=True)
class Fit:
    """A fitted head.

    Attributes:
        head: the calibrated classifier.
        regularisation: C, one of `STRENGTHS`.
        temperature: what the logits were divided by.
        held_out: float64 `[held out, classes]`, calibrated logits of the dev split, or of every training example by the
            classifier of its fold.
        held_out_labels: their labels.
    """

    head: LinearHead
    regularisation: float
    temperature: float
    held_out: Logits
    held_out_labels: Labels


def fit_on_dev(features: Vectors, labels: Labels, dev: Vectors, dev_labels: Labels, *, step: Step) -> Fit:
    """Fit to the training examples; regularisation and temperature are chosen on the dev split.

    Features are float32 `[examples, width]`; all dev labels are training labels. `step` is called after every strength.
    """
    everything = np.arange(len(labels)), np.arange(len(labels), len(labels) + len(dev_labels))
    path = _Path(np.concatenate([features, dev]), np.concatenate([labels, dev_labels]), [everything])
    strength = path.choose(step)
    return _calibrated(path.best[0], strength, path.held_out, dev_labels)


def fit_by_folds(features: Vectors, labels: Labels, *, folds: int, seed: int, step: Step) -> Fit:
    """Fit to the training examples; regularisation and temperature are chosen by cross-validation.

    Features are float32 `[examples, width]`, with at least two examples per class. There are fewer folds if the
    smallest class has fewer examples. `step` is called after every strength.
    """
    smallest = int(np.unique(labels, return_counts=True)[1].min())
    parts = StratifiedKFold(min(folds, smallest), shuffle=True, random_state=seed)
    path = _Path(features, labels, list(parts.split(features, labels)))
    strength = path.choose(step)
    with threadpool_limits(1, user_api="blas"):
        head = _linear(path.warm_started(strength).fit(features, labels))
    return _calibrated(head, strength, path.held_out, labels[path.order])


def log_loss(logits: Logits, places: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood of the correct classes, given by index."""
    return float(-log_softmax(logits, axis=1)[np.arange(len(places)), places].mean())


def class_indices(labels: Labels, classes: Sequence[str]) -> NDArray[np.int64]:
    """Index of each label among the sorted classes."""
    return np.searchsorted(np.array(classes), labels)


class _Path:
    """The regularisation path: classifiers of decreasing regularisation, one per split.

    Attributes:
        order: int64 `[held out]`, indices of the held-out examples, split by split.
        best: heads of the chosen strength, one per split.
        held_out: their logits of the held-out examples.
    """

    def __init__(self, features: Vectors, labels: Labels, splits: Sequence[Split]) -> None:
        self._features, self._labels, self._splits = features, labels, splits
        self._classes = tuple(np.unique(labels).tolist())
        self._models = [_classifier(STRENGTHS[0]) for _ in splits]
        self.order = np.concatenate([held_out for _, held_out in splits])
        self.best: list[LinearHead] = []
        self.held_out: Logits = np.zeros((0, len(self._classes)))

    def choose(self, step: Step) -> float:
        """The strength with the greatest held-out likelihood."""
        places = class_indices(self._labels[self.order], self._classes)
        chosen, least = STRENGTHS[0], np.inf
        # BLAS threads slow matrices of this size down by a factor of five.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cores()) as threads:
            for strength in STRENGTHS:
                heads = list(threads.map(lambda place, c=strength: self._fit(place, c), range(len(self._splits))))
                logits = np.concatenate(
                    [
                        head.logits(self._features[held_out])
                        for head, (_, held_out) in zip(heads, self._splits, strict=True)
                    ]
                )
                step()
                loss = log_loss(logits, places)
                if loss >= least:
                    break
                chosen, least, self.best, self.held_out = strength, loss, heads, logits
        return chosen

    def warm_started(self, strength: float) -> LogisticRegression:
        """A classifier that starts at the mean of the splits' last weights."""
        model = _classifier(strength)
        model.coef_ = np.mean([one.coef_ for one in self._models], axis=0)
        model.intercept_ = np.mean([one.intercept_ for one in self._models], axis=0)
        return model

    def _fit(self, place: int, strength: float) -> LinearHead:
        model, (trained, _) = self._models[place], self._splits[place]
        model.C = strength
        return _linear(model.fit(self._features[trained], self._labels[trained]))


def _classifier(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=ITERATIONS, tol=TOLERANCE, warm_start=True)


def _linear(model: LogisticRegression) -> LinearHead:
    """One row per class; for two classes scikit-learn has only their difference."""
    matrix, biases = model.coef_.astype(np.float64), model.intercept_.astype(np.float64)
    if len(matrix) == 1:
        matrix, biases = np.concatenate([-matrix, matrix]) / 2, np.concatenate([-biases, biases]) / 2
    return LinearHead(tuple(str(label) for label in model.classes_), matrix, biases)


def fit_temperature(logits: Logits, places: NDArray[np.int64]) -> float:
    """The temperature by which logits are divided to be calibrated: float64 `[examples, classes]`, correct classes."""
    power = minimize_scalar(
        lambda power: log_loss(logits / np.exp(power), places), bounds=_LOG_TEMPERATURES, method="bounded"
    ).x
    return float(np.exp(power))


def _calibrated(head: LinearHead, strength: float, logits: Logits, labels: Labels) -> Fit:
    temperature = fit_temperature(logits, class_indices(labels, head.classes))
    return Fit(head.tempered(temperature), strength, temperature, logits / temperature, labels)
