"""Language understanding: accuracy of a logistic-regression probe on frozen vectors.

The probe is fitted to the training split, without the texts that the test split repeats.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from model_build.common.errors import DataError
from model_build.common.systems import EmbeddingSystem, System
from model_build.common.tsv import read_table
from model_build.evaluation.leakage import normalized
from model_build.evaluation.metrics import Indexes, accuracy
from model_build.evaluation.tasks.base import BENCHMARK, TaskMetric, sample

TRAIN_LIMIT = 10_000
INVERSE_REGULARISATION = 32.0
# At 1e-3 a probe's accuracy moves by a point when three training texts change; at this tolerance it does not.
TOLERANCE = 1e-5
ITERATIONS = 2000

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class LanguageProblem:
    """Labelled texts to fit a probe to and to measure it on."""

    train_texts: tuple[str, ...]
    train_labels: tuple[str, ...]
    test_texts: tuple[str, ...]
    test_labels: tuple[str, ...]

    def measure(self, system: System) -> tuple[TaskMetric, ...]:
        """Accuracy of the probe; empty for a system without vectors."""
        if not isinstance(system, EmbeddingSystem):
            return ()
        vectors = system.embed([*self.train_texts, *self.test_texts])
        train, test = vectors[: len(self.train_texts)], vectors[len(self.train_texts) :]
        probe = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=ITERATIONS, tol=TOLERANCE)
        probe.fit(train, self.train_labels)
        predicted, expected = probe.predict(test), np.array(self.test_labels)

        def share_correct(indexes: Indexes) -> float:
            return accuracy(predicted[indexes], expected[indexes])

        return (TaskMetric("accuracy of a linear probe", "test", len(expected), share_correct),)


@dataclass(frozen=True)
class LanguageTask:
    """A set in `benchmark/language/<name>`: `train` and `test`."""

    name: str

    def load(self, data: Path, *, limit: int | None, seed: int) -> LanguageProblem:
        """Read the texts: at most 10,000 of the training split, drawn with the seed, and the test split."""
        folder = data / BENCHMARK / "language" / self.name
        test = _read(folder / "test.tsv.xz")
        train = sample(without(_read(folder / "train.tsv.xz"), test), TRAIN_LIMIT, seed)
        if len({label for label, _ in train}) < 2:
            raise DataError(f"{folder / 'train.tsv.xz'} has fewer than two labels")
        train_labels, train_texts = zip(*train, strict=True)
        test_labels, test_texts = zip(*sample(test, limit, seed), strict=True)
        return LanguageProblem(train_texts, train_labels, test_texts, test_labels)


def without(train: Rows, test: Rows) -> Rows:
    """The training rows whose normalised text is not in the test split."""
    tested = {normalized(text) for _, text in test}
    return [row for row in train if normalized(row[1]) not in tested]


def _read(path: Path) -> Rows:
    rows = read_table(path, ("label", "text"))
    if not rows:
        raise DataError(f"{path} has no rows")
    return rows


LANGUAGE_TASKS = tuple(
    LanguageTask(name)
    for name in (
        "banking77",
        "trec6",
        "snips",
        "atis",
        "ag_news",
        "pricerunner_category",
        "sst2",
        "subj",
        "tweeteval_emotion",
    )
)
