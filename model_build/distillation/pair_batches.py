"""Labelled pairs as the student trains on them: supervised pair batches, and their validation split.

Where EI-BERT (arXiv 2507.04636) reuses the teacher's task layer in the student, the pair classifier is that layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from model_build.common.batches import BatchStream
from model_build.common.batching import embed_rows
from model_build.corpus.pairs import PairTasks
from model_build.distillation.data import Examples, Tokenize
from model_build.student.model import Student
from model_build.teacher.embed import VECTORS
from model_build.teacher.pair_classifier import PairClassifier, pair_metrics
from model_build.teacher.targets import CachedVectors

TASKS = "tasks"
"""The folder, inside the teacher's, with the vectors of texts that the corpus lacks."""


@dataclass(frozen=True)
class SupervisedPairs:
    """The training pairs of a fine-tuned teacher's tasks and its classifier; labels float32, tasks int64 `[pairs]`."""

    examples: Examples
    labels: NDArray[np.float32]
    tasks: NDArray[np.int64]
    classifier: PairClassifier

    def stream(self, batch_pairs: int, seed: int) -> BatchStream:
        """Make an endless stream of batches of pairs of similar length."""
        lengths = [max(len(self.examples.rows[index]) for index in pair) for pair in self.examples.pairs]
        return BatchStream(lengths, batch_pairs, seed)


def supervised_pairs(
    tasks: PairTasks, corpus: Sequence[str], tokenize: Tokenize, classifier: PairClassifier, folder: Path
) -> SupervisedPairs:
    """Gather the training pairs; `tokenize` gives the student's token ids.

    `folder` holds the teacher's vectors of the corpus, and `folder/tasks` those of texts that the corpus lacks.
    """
    known = {text: index for index, text in enumerate(corpus)}
    missing = {text: index for index, text in enumerate(tasks.texts_missing_in(corpus))}
    own, others = (np.load(part / VECTORS, mmap_mode="r") for part in (folder, folder / TASKS))
    stacked = np.stack([own[known[text]] if text in known else others[missing[text]] for text in tasks.texts])
    vectors = CachedVectors(stacked)
    split = slice(None, tasks.training)
    examples = Examples(tokenize(tasks.texts), tasks.pairs[split], vectors, vectors)
    return SupervisedPairs(examples, tasks.labels[split], tasks.tasks[split], classifier)


class PairValidator:
    """Measures a student's own pair classifier on the validation split."""

    def __init__(self, tasks: PairTasks, tokenize: Tokenize) -> None:
        """Take the validation split; `tokenize` gives token ids as the device reads them."""
        split = slice(tasks.training, None)
        self._names, self._labels, self._tasks = tasks.names, tasks.labels[split], tasks.tasks[split]
        self._rows = tokenize([tasks.texts[index] for index in tasks.pairs[split].T.ravel()])

    @torch.no_grad()
    def __call__(self, student: Student) -> Mapping[str, float]:
        """Measure a student: metrics by the names of task and metric."""
        vectors = torch.from_numpy(embed_rows(student, self._rows))
        logits = student.pair_logits(vectors, torch.from_numpy(self._tasks)).numpy()
        return pair_metrics(self._names, logits, self._labels, self._tasks)
