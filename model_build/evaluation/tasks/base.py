"""What a task is: a set read from disk once, then measured for each system."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from model_build.common.systems import System
from model_build.evaluation.metrics import Indexes, Numbers, Statistic

T = TypeVar("T")


class Family(StrEnum):
    """What a task is about; figures of one family may be averaged."""

    SEARCH = "search"
    BEHAVIOUR = "behaviour"
    SIMILARITY = "similarity"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Outcome:
    """One figure of one system.

    Attributes:
        metric: what was measured, for example `NDCG@10`.
        split: the examples that it was measured on.
        examples: how many.
        statistic: the figure over a choice of the examples, by index.
        headline: whether it is the task's main figure; each task has exactly one.
    """

    metric: str
    split: str
    examples: int
    statistic: Statistic
    headline: bool = True

    @property
    def value(self) -> float:
        """The figure over all examples."""
        return self.statistic(np.arange(self.examples, dtype=np.int64))


class Problem(Protocol):
    """A task's examples in memory."""

    def measure(self, system: System) -> tuple[Outcome, ...]:
        """Measure a system; nothing where the task can't be put to this kind of system."""


class Task(Protocol):
    """A task that can be read from a data folder."""

    @property
    def name(self) -> str:
        """The name it is asked for by, and its folder."""

    def load(self, data: Path, *, limit: int | None, seed: int) -> Problem:
        """Read the examples.

        Args:
            data: the folder that holds `benchmark/`.
            limit: most examples to measure on, drawn with the seed; all where None.
            seed: of the draw.

        Raises:
            DataError: a file is missing or isn't laid out as expected.
        """


def mean_of(values: Numbers) -> Statistic:
    """The statistic that averages the examples' values."""

    def statistic(indexes: Indexes) -> float:
        return float(values[indexes].mean())

    return statistic


def sample(examples: list[T], limit: int | None, seed: int) -> list[T]:
    """At most `limit` examples, drawn without replacement, in their given order."""
    if limit is None or len(examples) <= limit:
        return examples
    chosen = np.random.default_rng(seed).choice(len(examples), size=limit, replace=False)
    return [examples[index] for index in sorted(chosen.tolist())]
