"""Labelled pairs as a student learns from them: its tokens, the teacher's vectors, the labels, the teacher's head."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from model_build.common.batches import BatchStream
from model_build.corpus.pairs import PairTasks
from model_build.distillation.data import Examples
from model_build.student.model import Student, embed
from model_build.teacher.embed import VECTORS
from model_build.teacher.pair_head import PairHead, pair_figures
from model_build.teacher.targets import FrozenFeatures

TASKS = "tasks"
"""The folder, in the teacher's, of the vectors of texts that the corpus lacks."""

Tokenize = Callable[[Sequence[str]], list[list[int]]]


@dataclass(frozen=True)
class Lessons:
    """What a fine-tuned teacher teaches of its tasks.

    Attributes:
        examples: rows and the teacher's vectors of the tasks' texts; the pairs that train.
        labels: float32 `[pairs]`.
        tasks: int64 `[pairs]`.
        head: the teacher's.
    """

    examples: Examples
    labels: NDArray[np.float32]
    tasks: NDArray[np.int64]
    head: PairHead

    def stream(self, batch_pairs: int, seed: int) -> BatchStream:
        """An endless stream of batches of pairs of like length."""
        lengths = [max(len(self.examples.rows[place]) for place in pair) for pair in self.examples.pairs]
        return BatchStream(lengths, batch_pairs, seed)


def make_lessons(tasks: PairTasks, corpus: Sequence[str], tokenize: Tokenize, head: PairHead, folder: Path) -> Lessons:
    """Gather what training reads.

    Args:
        tasks: the pairs.
        corpus: the training texts.
        tokenize: gives the student's token ids.
        head: the teacher's.
        folder: holds the teacher's vectors of the corpus; `folder/tasks` those of texts that the corpus lacks.
    """
    known = {text: place for place, text in enumerate(corpus)}
    beside = {text: place for place, text in enumerate(tasks.texts_beside(corpus))}
    own, others = (np.load(place / VECTORS, mmap_mode="r") for place in (folder, folder / TASKS))
    vectors = np.stack([own[known[text]] if text in known else others[beside[text]] for text in tasks.texts])
    features = FrozenFeatures(vectors)
    chosen = slice(None, tasks.training)
    examples = Examples(tokenize(tasks.texts), tasks.pairs[chosen], features, features)
    return Lessons(examples, tasks.labels[chosen], tasks.tasks[chosen], head)


class Examination:
    """How well a student judges the pairs that choose, by its own head."""

    def __init__(self, tasks: PairTasks, tokenize: Tokenize) -> None:
        """Take the pairs; `tokenize` gives token ids as the device reads them."""
        chosen = slice(tasks.training, None)
        pairs = tasks.pairs[chosen]
        self._names, self._labels, self._tasks = tasks.names, tasks.labels[chosen], tasks.tasks[chosen]
        self._rows = tokenize([tasks.texts[place] for place in pairs.T.ravel()])

    @torch.no_grad()
    def __call__(self, student: Student) -> Mapping[str, float]:
        """Its figures, by the names of task and figure."""
        first, second = torch.tensor_split(torch.from_numpy(embed(student, self._rows)), 2)
        logits = student.judge(first, second, torch.from_numpy(self._tasks)).numpy()
        return pair_figures(self._names, logits, self._labels, self._tasks)
