"""Pairs: the similarity of two texts, by their cosine.

Graded pairs (stsb) are measured by Spearman's rank correlation with human grades; matching and other pairs, by the area
under the ROC curve, which needs no threshold.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import DataError
from model_build.common.systems import EmbeddingSystem, System
from model_build.common.tsv import read_table
from model_build.evaluation.metrics import Indexes, roc_auc, spearman
from model_build.evaluation.tasks.base import BENCHMARK, TaskMetric, sample


@dataclass(frozen=True)
class PairsProblem:
    """Pairs of texts; labels, float64 `[pairs]`, are grades, or 1 for a match and 0 otherwise."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    labels: NDArray[np.float64]
    graded: bool
    split: str

    def measure(self, system: System) -> tuple[TaskMetric, ...]:
        """Spearman's correlation or the ROC area; empty for a system without vectors."""
        if not isinstance(system, EmbeddingSystem):
            return ()
        vectors = system.embed([*self.left, *self.right])
        cosines = np.einsum("pd,pd->p", vectors[: len(self.left)], vectors[len(self.left) :])

        def correlation(indexes: Indexes) -> float:
            return spearman(cosines[indexes], self.labels[indexes])

        def area(indexes: Indexes) -> float:
            return roc_auc(cosines[indexes], self.labels[indexes] > 0)

        if self.graded:
            return (TaskMetric("Spearman", self.split, len(cosines), correlation),)
        return (TaskMetric("ROC-AUC", self.split, len(cosines), area),)


@dataclass(frozen=True)
class PairsTask:
    """A split of a set in `benchmark/pairs/<name>`; `match` labels a matching pair, None if labels are grades."""

    name: str
    match: str | None = "1"
    split: str = "test"

    def load(self, data: Path, *, limit: int | None, seed: int) -> PairsProblem:
        """Read the pairs."""
        path = data / BENCHMARK / "pairs" / self.name / f"{self.split}.tsv.xz"
        rows = sample(read_table(path, ("label", "text_a", "text_b")), limit, seed)
        if not rows:
            raise DataError(f"{path} has no rows")
        labels, left, right = zip(*rows, strict=True)
        try:
            numbers = [float(label) if self.match is None else float(label == self.match) for label in labels]
        except ValueError as error:
            raise DataError(f"{path}: a label is not a grade: {error}") from None
        return PairsProblem(left, right, np.array(numbers), self.match is None, self.split)


PAIRS_TASKS = (
    PairsTask("stsb", match=None),
    PairsTask("mrpc"),
    PairsTask("match_amazon_google"),
    PairsTask("match_wdc_shoes"),
    PairsTask("snli_devtest", match="entailment"),
)
