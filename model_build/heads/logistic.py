"""Fitting a head: multinomial logistic regression, its regularisation chosen on examples that it has not seen.

The strengths are tried from the strongest on, each search starting where the last one ended, until what is held out is
predicted worse. What is held out is a dev split, or each part of the training split in turn. There too a temperature is
fitted (Guo et al., On calibration of modern neural networks, 2017): a single number that logits are divided by, so that
a probability of 0.8 is right in 8 of 10 cases. It changes no decision, and is divided into the weights in the end.

Nothing of a test split is looked at.
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
"""Of C, the inverse regularisation."""

# At 1e-4 a search that starts at a neighbour's weights ends where it starts.
TOLERANCE = 1e-5
ITERATIONS = 3000
_LOG_TEMPERATURES = (-2.0, 2.0)

Logits = NDArray[np.float64]
Split = tuple[NDArray[np.int64], NDArray[np.int64]]
Step = Callable[[], None]


@dataclass(frozen=True)
class LinearHead:
    """A linear classifier, before its weights are rounded.

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

    def cooled(self, temperature: float) -> "LinearHead":
        """The head whose logits are these divided by a temperature."""
        return LinearHead(self.classes, self.matrix / temperature, self.biases / temperature)


@dataclass(frozen=True)
class Fit:
    """What was fitted.

    Attributes:
        head: calibrated.
        regularisation: C, one of `STRENGTHS`.
        temperature: what the logits were divided by.
        held_out: float64 `[held out, classes]`, calibrated logits of what is held out: of the dev split, or of every
            training example, by a classifier that had not seen it.
        held_out_labels: their labels.
    """

    head: LinearHead
    regularisation: float
    temperature: float
    held_out: Logits
    held_out_labels: Labels


def fit_on_dev(features: Vectors, labels: Labels, dev: Vectors, dev_labels: Labels, *, step: Step) -> Fit:
    """Fit to the training examples; regularisation and temperature are those that serve the dev split best.

    Args:
        features: float32 `[training examples, width]`.
        labels: of each.
        dev: float32 `[dev examples, width]`.
        dev_labels: of each; every one is a training label.
        step: told of every strength that was tried.
    """
    everything = np.arange(len(labels)), np.arange(len(labels), len(labels) + len(dev_labels))
    path = _Path(np.concatenate([features, dev]), np.concatenate([labels, dev_labels]), [everything])
    strength = path.choose(step)
    return _calibrated(path.best[0], strength, path.held_out, dev_labels)


def fit_by_folds(features: Vectors, labels: Labels, *, folds: int, seed: int, step: Step) -> Fit:
    """Fit to the training examples; regularisation and temperature are those that serve held-out parts of them best.

    Args:
        features: float32 `[examples, width]`.
        labels: of each; every class has two or more.
        folds: how many parts; fewer where the smallest class has fewer examples.
        seed: of the parts.
        step: told of every strength that was tried.
    """
    smallest = int(np.unique(labels, return_counts=True)[1].min())
    parts = StratifiedKFold(min(folds, smallest), shuffle=True, random_state=seed)
    path = _Path(features, labels, list(parts.split(features, labels)))
    strength = path.choose(step)
    with threadpool_limits(1, user_api="blas"):
        head = _linear(path.begun(strength).fit(features, labels))
    return _calibrated(head, strength, path.held_out, labels[path.order])


def log_loss(logits: Logits, places: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood of the right classes, by their places."""
    return float(-log_softmax(logits, axis=1)[np.arange(len(places)), places].mean())


def places_of(labels: Labels, classes: Sequence[str]) -> NDArray[np.int64]:
    """The place of each label among the sorted classes."""
    return np.searchsorted(np.array(classes), labels)


class _Path:
    """Classifiers of ever weaker regularisation, one for each split.

    Attributes:
        order: int64 `[held out]`, the places of what is held out, split by split.
        best: the heads of the strength that was chosen, a split each.
        held_out: their logits of what is held out.
    """

    def __init__(self, features: Vectors, labels: Labels, splits: Sequence[Split]) -> None:
        self._features, self._labels, self._splits = features, labels, splits
        self._classes = tuple(np.unique(labels).tolist())
        self._models = [_classifier(STRENGTHS[0]) for _ in splits]
        self.order = np.concatenate([held_out for _, held_out in splits])
        self.best: list[LinearHead] = []
        self.held_out: Logits = np.zeros((0, len(self._classes)))

    def choose(self, step: Step) -> float:
        """The strength at which what is held out is likeliest."""
        places = places_of(self._labels[self.order], self._classes)
        chosen, least = STRENGTHS[0], np.inf
        # A BLAS that shares its threads between matrices as small as these takes five times as long.
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

    def begun(self, strength: float) -> LogisticRegression:
        """A classifier that starts near where it will end: at the mean of what was fitted last."""
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
    """A row for each class; of two classes scikit-learn has one row, the difference of the two."""
    matrix, biases = model.coef_.astype(np.float64), model.intercept_.astype(np.float64)
    if len(matrix) == 1:
        matrix, biases = np.concatenate([-matrix, matrix]) / 2, np.concatenate([-biases, biases]) / 2
    return LinearHead(tuple(str(label) for label in model.classes_), matrix, biases)


def _calibrated(head: LinearHead, strength: float, logits: Logits, labels: Labels) -> Fit:
    places = places_of(labels, head.classes)
    power = minimize_scalar(
        lambda power: log_loss(logits / np.exp(power), places), bounds=_LOG_TEMPERATURES, method="bounded"
    ).x
    temperature = float(np.exp(power))
    return Fit(head.cooled(temperature), strength, temperature, logits / temperature, labels)
