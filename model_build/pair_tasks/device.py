"""The teacher's pair head on the device, and what it is worth beside a head that is fitted to the same vectors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build import __version__
from model_build.evaluation.system import EmbeddingSystem, Vectors
from model_build.heads.fitting import LinearHead, fit_by_folds
from model_build.heads.publication import publish_head
from model_build.heads.rounding import as_rounded, rounded
from model_build.pair_head import PairHead, pair_figures
from model_build.pair_tasks.pairs import PairTasks
from service.artifact import Manifest, file_sha256
from service.heads.features import pair_features
from service.heads.manifest import HeadFigure, HeadSource, HeadTraining

CLASSES = ("0", "1")
_FOLDS = 3


@dataclass(frozen=True)
class HeadRow:
    """A head's figures on the pairs that choose.

    Attributes:
        task: the task's name.
        head: which: the teacher's, or one fitted to the device's vectors.
        accuracy: at even odds.
        roc_auc: area under the ROC curve.
    """

    task: str
    head: str
    accuracy: float
    roc_auc: float


def as_linear(head: PairHead, task: int) -> LinearHead:
    """A task's head in the form that the device's heads have: two classes, over `service.heads.features`.

    The difference of the two logits is the pair head's; it makes nothing of |u - v|.
    """
    weights = head.weight[task].detach().double().numpy()
    difference = np.concatenate([np.zeros_like(weights), weights / math.sqrt(len(weights))]) / 2
    bias = float(head.bias[task].detach()) / 2
    return LinearHead(CLASSES, np.stack([-difference, difference]), np.array([-bias, bias]))


def compare_heads(system: EmbeddingSystem, head: PairHead, tasks: PairTasks) -> list[HeadRow]:
    """Judge the pairs that choose, by the teacher's heads and by heads fitted to a system's vectors.

    Args:
        system: the artifact.
        head: the teacher's, for its vectors.
        tasks: the pairs; those that train are fitted to.
    """
    vectors = system.embed(tasks.texts)
    table = []
    for number, name in enumerate(tasks.names):
        own = np.flatnonzero(tasks.tasks == number)
        training, chosen = own[own < tasks.training], own[own >= tasks.training]
        labels = np.array(CLASSES)[tasks.labels[training].astype(np.int64)]
        fit = fit_by_folds(_features(vectors, tasks, training), labels, folds=_FOLDS, seed=0, step=lambda: None)
        features = _features(vectors, tasks, chosen)
        for who, one in (("the teacher's", as_linear(head, number)), ("fitted", fit.head)):
            both = as_rounded(one, rounded(one)).logits(features)
            figures = pair_figures(
                [name], both[:, 1] - both[:, 0], tasks.labels[chosen], np.zeros(len(chosen), dtype=np.int64)
            )
            table.append(HeadRow(name, who, figures[f"{name} accuracy"], figures[f"{name} ROC-AUC"]))
    return table


def publish_reused(
    head: PairHead, tasks: PairTasks, backbone: Manifest, files: Sequence[Path], row: HeadRow, place: Path, seed: int
) -> None:
    """Publish the first task's head, which fusion has carried onto the device as it was.

    Args:
        head: for the device's vectors.
        tasks: what the teacher learned.
        backbone: of the artifact.
        files: the first task's.
        row: its figures.
        place: the head's folder.
        seed: the build's.
    """
    first = tasks.tasks == 0
    training = HeadTraining(
        sources=tuple(
            HeadSource(use="train", file=path.name, rows=int(first[: tasks.training].sum()), sha256=file_sha256(path))
            for path in files
        ),
        method="the fine-tuned teacher's head, turned into the device's space",
        temperature=1.0,
        seed=seed,
        tool=f"model-build {__version__}",
    )
    count = int(first[tasks.training :].sum())
    figures = [
        HeadFigure(split="validation", metric=metric, value=value, examples=count)
        for metric, value in (("accuracy", row.accuracy), ("ROC-AUC", row.roc_auc))
    ]
    publish_head(
        place,
        backbone,
        rounded(as_linear(head, 0)),
        name=tasks.names[0],
        kind="pair",
        classes=CLASSES,
        training=training,
        figures=figures,
    )


def _features(vectors: Vectors, tasks: PairTasks, places: NDArray[np.int64]) -> Vectors:
    first, second = tasks.pairs[places].T
    return pair_features(vectors[first], vectors[second])
