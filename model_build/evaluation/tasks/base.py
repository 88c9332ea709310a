"""The interface of a task: a set is read from disk once, then measured for each system."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from model_build.common.systems import System
from model_build.evaluation.metrics import Indexes, Numbers, Statistic

BENCHMARK = "benchmark"
"""The folder inside the data folder that holds every set."""

T = TypeVar("T")


class Family(StrEnum):
    """Tasks of one kind, whose metrics may be averaged."""

    SEARCH = "search"
    BEHAVIOUR = "behaviour"
    SIMILARITY = "similarity"
    LANGUAGE = "language"


@dataclass(frozen=True)
class TaskMetric:
    """One metric of one system on a task; each task has exactly one main metric, its `headline`.

    The statistic maps indices of examples to the metric over them.
    """

    metric: str
    split: str
    examples: int
    statistic: Statistic
    headline: bool = True

    @property
    def value(self) -> float:
        """The metric over all examples."""
        return self.statistic(np.arange(self.examples, dtype=np.int64))


class Problem(Protocol):
    """A task's examples in memory."""

    def measure(self, system: System) -> tuple[TaskMetric, ...]:
        """Measure a system; empty if the task does not apply to this kind of system."""


class Task(Protocol):
    """A task that can be read from a data folder."""

    @property
    def name(self) -> str:
        """Its name on the command line, and its folder's."""

    def load(self, data: Path, *, limit: int | None, seed: int) -> Problem:
        """Read the examples, at most `limit` of them, drawn with the seed.

        Raises:
            DataError: a file is missing or has another layout than expected.
        """


def mean_of(values: Numbers) -> Statistic:
    """The statistic that averages the examples' values."""

    def statistic(indexes: Indexes) -> float:
        return float(values[indexes].mean())

    return statistic


def sample(examples: list[T], limit: int | None, seed: int) -> list[T]:
    """Draw at most `limit` examples without replacement, in their given order."""
    if limit is None or len(examples) <= limit:
        return examples
    chosen = np.random.default_rng(seed).choice(len(examples), size=limit, replace=False)
    return [examples[index] for index in sorted(chosen.tolist())]
