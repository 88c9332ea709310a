"""The teacher's pair classifiers on the device, compared with heads fitted to the same vectors."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from model_build import __version__
from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.corpus.pairs import PairTasks
from model_build.heads.logistic import LinearHead, fit_by_folds
from model_build.heads.metrics import measure
from model_build.heads.publish import as_rounded, publish_head, rounded
from model_build.teacher.pair_classifier import PairClassifier
from service.artifact.artifact import Manifest, file_sha256
from service.heads.manifest import HeadFigure, HeadSource, HeadTraining
from service.heads.pair_features import pair_features

CLASSES = ("0", "1")
TEACHER, REUSED, FITTED = "teacher, its head", "student, the teacher's head", "student, a fitted head"
_FOLDS = 3


@dataclass(frozen=True)
class HeadRow:
    """A head's metrics on pairs that it was not trained on; `majority` is the accuracy of the majority class.

    `low` and `high` are the accuracy's 95 % interval, by bootstrap over pairs.
    """

    task: str
    split: str
    head: str
    pairs: int
    accuracy: float
    low: float
    high: float
    roc_auc: float
    majority: float


def as_linear(head: PairClassifier, task: int) -> LinearHead:
    """Convert a task's classifier to a device head: two classes, over `service.heads.pair_features`.

    The difference of the two logits is the classifier's logit; the weights of |u - v| are 0.
    """
    weights = head.weight[task].detach().double().numpy()
    difference = np.concatenate([np.zeros_like(weights), weights / math.sqrt(len(weights))]) / 2
    bias = float(head.bias[task].detach()) / 2
    return LinearHead(CLASSES, np.stack([-difference, difference]), np.array([-bias, bias]))


def fit_heads(vectors: Vectors, tasks: PairTasks) -> list[LinearHead]:
    """Fit a head per task to the device's vectors of the training pairs, as `model-build fit-head` does."""
    heads = []
    for number in range(len(tasks.names)):
        own = np.flatnonzero(tasks.tasks[: tasks.training] == number)
        fit = fit_by_folds(_features(vectors, tasks, own), _labels(tasks, own), folds=_FOLDS, seed=0, step=lambda: None)
        heads.append(fit.head)
    return heads


def compare_heads(
    system: EmbeddingSystem, reused: PairClassifier, tasks: PairTasks, tests: PairTasks | None, seed: int
) -> list[HeadRow]:
    """Measure the teacher's classifiers and fitted heads, both rounded as on the device.

    Heads are fitted to the training pairs of the tasks and measured on the others, and on the tests. The teacher's
    classifiers, `reused`, are in the device's space.
    """
    vectors = system.embed(tasks.texts)
    fitted = fit_heads(vectors, tasks)
    heads = {
        REUSED: {name: _as_on_device(as_linear(reused, number)) for number, name in enumerate(tasks.names)},
        FITTED: {name: _as_on_device(head) for name, head in zip(tasks.names, fitted, strict=True)},
    }
    table = measure_heads("validation", vectors, tasks, heads, seed)
    return table + (measure_heads("test", system.embed(tests.texts), tests, heads, seed) if tests else [])


def measure_heads(
    split: str, vectors: Vectors, tasks: PairTasks, heads: Mapping[str, Mapping[str, LinearHead]], seed: int
) -> list[HeadRow]:
    """Measure heads, by name and task, on the pairs that do not train."""
    table = []
    for number, name in enumerate(tasks.names):
        chosen = tasks.training + np.flatnonzero(tasks.tasks[tasks.training :] == number)
        features, labels = _features(vectors, tasks, chosen), _labels(tasks, chosen)
        matches = tasks.labels[chosen] > 0.5
        for who, by_task in heads.items():
            logits = by_task[name].logits(features)
            found = measure(logits, labels, CLASSES, seed=seed)
            table.append(
                HeadRow(
                    task=name,
                    split=split,
                    head=who,
                    pairs=len(chosen),
                    accuracy=found.accuracy,
                    low=found.interval.low,
                    high=found.interval.high,
                    roc_auc=float(roc_auc_score(matches, logits[:, 1] - logits[:, 0])),
                    majority=float(max(matches.mean(), 1 - matches.mean())),
                )
            )
    return table


def publish_reused(
    head: PairClassifier,
    tasks: PairTasks,
    backbone: Manifest,
    files: Sequence[Path],
    table: Sequence[HeadRow],
    place: Path,
    seed: int,
) -> None:
    """Publish the teacher's classifier of the first task, in the device's space, as a head.

    `files` are the first task's; its metrics are among those of `table`.
    """
    trained = int((tasks.tasks[: tasks.training] == 0).sum())
    sources = [HeadSource(use="train", file=path.name, rows=trained, sha256=file_sha256(path)) for path in files]
    own = [row for row in table if (row.task, row.head) == (tasks.names[0], REUSED)]
    publish_head(
        place,
        backbone,
        rounded(as_linear(head, 0)),
        name=tasks.names[0],
        kind="pair",
        classes=CLASSES,
        training=HeadTraining(
            sources=tuple(sources),
            method="the fine-tuned teacher's head, turned into the device's space",
            temperature=1.0,
            seed=seed,
            tool=f"model-build {__version__}",
        ),
        figures=[figure for row in own for figure in _figures(row)],
    )


def _figures(row: HeadRow) -> list[HeadFigure]:
    return [
        HeadFigure(
            split=row.split, metric="accuracy", value=row.accuracy, low=row.low, high=row.high, examples=row.pairs
        ),
        HeadFigure(split=row.split, metric="ROC-AUC", value=row.roc_auc, examples=row.pairs),
    ]


def _as_on_device(head: LinearHead) -> LinearHead:
    return as_rounded(head, rounded(head))


def _labels(tasks: PairTasks, places: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.array(CLASSES)[tasks.labels[places].astype(np.int64)]


def _features(vectors: Vectors, tasks: PairTasks, places: NDArray[np.int64]) -> Vectors:
    first, second = tasks.pairs[places].T
    return pair_features(vectors[first], vectors[second])
