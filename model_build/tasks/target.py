"""What a task asks for, a class or a grade: the losses and the metrics of the numbers that a model gives.

A model gives a logit for each class. For a grade it gives one number: while it trains, in units of the grades' standard
deviation from their mean; released, on the grades' own scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from typing_extensions import override  # the standard library has it from Python 3.12 on

from model_build.common.errors import ExamplesError
from model_build.evaluation.metrics import Interval, accuracy, bootstrap, percentile_interval, roc_auc, spearman
from model_build.heads.data import Examples, Labels
from model_build.heads.logistic import Logits, class_indices, fit_temperature
from model_build.heads.metrics import measure
from service.artifact.artifact import GradeRange, TaskRecord
from service.heads.manifest import Kind

Values = NDArray[Any]
"""What is right for each example: int64 numbers of classes, or float64 grades."""
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Quality:
    """How well a model does on some examples.

    Attributes:
        metric: what `value` and its 95 % interval by bootstrap over examples are: accuracy, or Spearman's correlation.
        more: other metrics by name.
        resampled: float64 `[resamples]`, the metric over each sample; the same samples for every model.
    """

    examples: int
    metric: str
    value: float
    interval: Interval
    more: Mapping[str, float]
    resampled: NDArray[np.float64] = field(repr=False, compare=False)


class Target(Protocol):
    """What a task asks for."""

    metric: str

    @property
    def outputs(self) -> int:
        """Number of logits."""

    def values(self, labels: Labels) -> Values:
        """What is right, by the labels."""

    def loss(self, logits: Tensor, values: Tensor) -> Tensor:
        """The loss of logits `[batch, outputs]` against what is right, `[batch]`."""

    def soft_loss(self, logits: Tensor, target: Tensor, temperature: float) -> Tensor:
        """The loss of logits against another model's."""

    def quality(self, logits: Logits, values: Values) -> float:
        """The metric."""

    def baseline(self, values: Values) -> float:
        """The metric of the best constant."""

    def measure(self, logits: Logits, values: Values, seed: int) -> Quality:
        """All metrics of a released model's logits; the seed is the bootstrap's."""

    def finish(self, head: nn.Linear, logits: Logits, values: Values) -> str:
        """Turn a trained head, in place, into the one to release, by its logits of validation examples.

        Returns what was done.
        """

    def regress(self, numbers: NDArray[np.float64], values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fit logits to one number an example: slopes and biases, `[outputs]`."""

    def record(self, kind: Kind) -> TaskRecord:
        """The task, as a manifest says it."""


@dataclass(frozen=True)
class Classes(Target):
    """One of several classes, which are sorted."""

    labels: tuple[str, ...]
    metric = "accuracy"

    @property
    @override
    def outputs(self) -> int:
        return len(self.labels)

    @override
    def values(self, labels: Labels) -> Values:
        return class_indices(labels, self.labels)

    @override
    def loss(self, logits: Tensor, values: Tensor) -> Tensor:
        return F.cross_entropy(logits, values)

    @override
    def soft_loss(self, logits: Tensor, target: Tensor, temperature: float) -> Tensor:
        return softened_kl(logits, target, temperature)

    @override
    def quality(self, logits: Logits, values: Values) -> float:
        return accuracy(logits.argmax(axis=1), values)

    @override
    def baseline(self, values: Values) -> float:
        return float(np.bincount(values).max() / len(values))

    @override
    def measure(self, logits: Logits, values: Values, seed: int) -> Quality:
        metrics = measure(logits, np.array(self.labels)[values], self.labels, seed=seed)
        more = {"macro-F1": metrics.macro_f1, "calibration error": metrics.calibration_error}
        if self.outputs == 2:
            scores, positive = logits[:, 1] - logits[:, 0], values == 1
            drawn = bootstrap(lambda places: roc_auc(scores[places], positive[places]), len(values), seed=seed)
            interval = percentile_interval(drawn)
            more |= {"ROC-AUC": roc_auc(scores, positive), "ROC-AUC low": interval.low, "ROC-AUC high": interval.high}
        return Quality(
            metrics.examples, self.metric, metrics.accuracy, metrics.interval, more, resampled=metrics.resampled
        )

    @override
    @torch.no_grad()
    def finish(self, head: nn.Linear, logits: Logits, values: Values) -> str:
        temperature = fit_temperature(logits, values)
        head.weight.div_(temperature)
        head.bias.div_(temperature)
        return f"temperature {temperature:.3f}"

    @override
    def regress(self, numbers: NDArray[np.float64], values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        fit = LogisticRegression().fit(numbers[:, None], values)
        slopes, biases = fit.coef_[:, 0], fit.intercept_
        if len(slopes) > 1:
            return slopes, biases
        halves = np.array([-0.5, 0.5])  # of two classes, the fit is of the second one's lead
        return halves * slopes, halves * biases

    @override
    def record(self, kind: Kind) -> TaskRecord:
        return TaskRecord(kind=kind, classes=self.labels)


@dataclass(frozen=True)
class Grades(Target):
    """A number; `low` and `high` are the least and the greatest of the training examples."""

    mean: float
    spread: float
    low: float
    high: float
    metric = "Spearman correlation"
    outputs = 1

    @classmethod
    def of(cls, values: Values) -> "Grades":
        """The scale of training examples."""
        return cls(float(values.mean()), float(values.std()), float(values.min()), float(values.max()))

    @override
    def values(self, labels: Labels) -> Values:
        return labels.astype(np.float64)

    @override
    def loss(self, logits: Tensor, values: Tensor) -> Tensor:
        return F.mse_loss(logits[:, 0], self.standardized(values).to(logits.dtype))

    @override
    def soft_loss(self, logits: Tensor, target: Tensor, temperature: float) -> Tensor:
        return F.mse_loss(logits, target)

    def standardized(self, values: Tensor) -> Tensor:
        """Grades in units of their standard deviation from their mean."""
        return (values - self.mean) / self.spread

    @override
    def quality(self, logits: Logits, values: Values) -> float:
        return spearman(logits[:, 0], values)

    @override
    def baseline(self, values: Values) -> float:
        return 0.0

    @override
    def measure(self, logits: Logits, values: Values, seed: int) -> Quality:
        given = logits[:, 0]
        drawn = bootstrap(lambda places: spearman(given[places], values[places]), len(values), seed=seed)
        more = {"root mean squared error": float(np.sqrt(np.mean((given - values) ** 2)))}
        interval = percentile_interval(drawn)
        return Quality(len(values), self.metric, self.quality(logits, values), interval, more, resampled=drawn)

    @override
    @torch.no_grad()
    def finish(self, head: nn.Linear, logits: Logits, values: Values) -> str:
        head.weight.mul_(self.spread)
        head.bias.mul_(self.spread).add_(self.mean)
        return f"grades of mean {self.mean:.4g} and standard deviation {self.spread:.4g}"

    @override
    def regress(self, numbers: NDArray[np.float64], values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        slope, bias = np.polyfit(numbers, (values - self.mean) / self.spread, 1)
        return np.array([slope]), np.array([bias])

    @override
    def record(self, kind: Kind) -> TaskRecord:
        return TaskRecord(kind=kind, grades=GradeRange(low=self.low, high=self.high))


def check_grades(examples: Sequence[Examples]) -> None:
    """Check that the labels of training examples, and of others, are numbers.

    Raises:
        ExamplesError: one is not, or those of the training examples are all the same.
    """
    for one in examples:
        for label in one.labels.tolist():
            if not _is_number(label):
                raise ExamplesError(f"{one.path}: the label {label!r} is no number; task.labels = grades needs numbers")
    if np.ptp(examples[0].labels.astype(np.float64)) < _SMALLEST:
        raise ExamplesError(
            f"{examples[0].path} has the label {str(examples[0].labels[0])!r} alone; nothing can be learned"
        )


def _is_number(label: str) -> bool:
    try:
        return bool(np.isfinite(float(label)))
    except ValueError:
        return False


def softened_kl(logits: Tensor, target: Tensor, temperature: float) -> Tensor:
    """T² KL(softmax(target / T) || softmax(logits / T)), the mean over a batch: `[batch, classes]` twice -> scalar."""
    divergence = F.kl_div(
        torch.log_softmax(logits / temperature, dim=-1),
        torch.log_softmax(target / temperature, dim=-1),
        log_target=True,
        reduction="batchmean",
    )
    return temperature**2 * divergence
