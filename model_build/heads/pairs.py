"""The teacher's pair head on the device, and what it is worth beside a head that is fitted to the same vectors."""

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
from model_build.heads.metrics import figures_of
from model_build.heads.publish import publish_head
from model_build.heads.rounding import as_rounded, rounded
from model_build.teacher.pair_classifier import PairClassifier
from service.artifact.artifact import Manifest, file_sha256
from service.heads.features import pair_features
from service.heads.manifest import HeadFigure, HeadSource, HeadTraining

CLASSES = ("0", "1")
TEACHER, REUSED, FITTED = "teacher, its head", "student, the teacher's head", "student, a fitted head"
_FOLDS = 3


@dataclass(frozen=True)
class HeadRow:
    """A head's figures on pairs that it was not trained on.

    Attributes:
        task: the task's name.
        split: `validation`, the pairs that choose, or `test`.
        head: whose vectors and which head.
        pairs: how many.
        accuracy: share of right decisions.
        low, high: its 95 % interval, by bootstrap over pairs.
        roc_auc: area under the ROC curve.
        majority: accuracy of who always says what most pairs are.
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
    """A task's head in the form that the device's heads have: two classes, over `service.heads.features`.

    The difference of the two logits is the pair head's; it makes nothing of |u - v|.
    """
    weights = head.weight[task].detach().double().numpy()
    difference = np.concatenate([np.zeros_like(weights), weights / math.sqrt(len(weights))]) / 2
    bias = float(head.bias[task].detach()) / 2
    return LinearHead(CLASSES, np.stack([-difference, difference]), np.array([-bias, bias]))


def fit_heads(vectors: Vectors, tasks: PairTasks) -> list[LinearHead]:
    """A head for each task, fitted to the device's vectors of the pairs that train, as `model-build fit-head` does."""
    heads = []
    for number in range(len(tasks.names)):
        own = np.flatnonzero(tasks.tasks[: tasks.training] == number)
        fit = fit_by_folds(_features(vectors, tasks, own), _labels(tasks, own), folds=_FOLDS, seed=0, step=lambda: None)
        heads.append(fit.head)
    return heads


def compare_heads(
    system: EmbeddingSystem, reused: PairClassifier, tasks: PairTasks, tests: PairTasks | None, seed: int
) -> list[HeadRow]:
    """Judge pairs by the teacher's heads and by fitted ones, both rounded as they go onto the device.

    Args:
        system: the artifact.
        reused: the teacher's head, for its vectors.
        tasks: the pairs; those that train are fitted to, the others measured.
        tests: pairs of some of the tasks that are measured too.
        seed: of the bootstrap.
    """
    vectors = system.embed(tasks.texts)
    fitted = fit_heads(vectors, tasks)
    heads = {
        REUSED: {name: _on_the_device(as_linear(reused, number)) for number, name in enumerate(tasks.names)},
        FITTED: {name: _on_the_device(head) for name, head in zip(tasks.names, fitted, strict=True)},
    }
    table = judge_pairs("validation", vectors, tasks, heads, seed)
    return table + (judge_pairs("test", system.embed(tests.texts), tests, heads, seed) if tests else [])


def judge_pairs(
    split: str, vectors: Vectors, tasks: PairTasks, heads: Mapping[str, Mapping[str, LinearHead]], seed: int
) -> list[HeadRow]:
    """Figures of heads, by their names and their tasks', on the pairs that do not train."""
    table = []
    for number, name in enumerate(tasks.names):
        chosen = tasks.training + np.flatnonzero(tasks.tasks[tasks.training :] == number)
        features, labels = _features(vectors, tasks, chosen), _labels(tasks, chosen)
        matches = tasks.labels[chosen] > 0.5
        for who, by_task in heads.items():
            logits = by_task[name].logits(features)
            figures = figures_of(logits, labels, CLASSES, seed=seed)
            table.append(
                HeadRow(
                    task=name,
                    split=split,
                    head=who,
                    pairs=len(chosen),
                    accuracy=figures.accuracy,
                    low=figures.interval.low,
                    high=figures.interval.high,
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
    """Publish the first task's head, which fusion has carried onto the device as it was.

    Args:
        head: for the device's vectors.
        tasks: what the teacher learned.
        backbone: of the artifact.
        files: the first task's.
        table: its figures, among others.
        place: the head's folder.
        seed: the build's.
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


def _on_the_device(head: LinearHead) -> LinearHead:
    return as_rounded(head, rounded(head))


def _labels(tasks: PairTasks, places: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.array(CLASSES)[tasks.labels[places].astype(np.int64)]


def _features(vectors: Vectors, tasks: PairTasks, places: NDArray[np.int64]) -> Vectors:
    first, second = tasks.pairs[places].T
    return pair_features(vectors[first], vectors[second])
