"""A task: labelled texts or pairs of texts, in the splits that train, choose and report."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from model_build.common.errors import ExamplesError
from model_build.heads.data import Examples
from model_build.heads.fit import Data, read_data
from model_build.heads.logistic import class_indices
from service.heads.manifest import Kind


@dataclass(frozen=True)
class Task:
    """The examples of a task.

    Attributes:
        train: trains; without the examples that dev or test has too.
        dev: chooses rates and temperatures.
        test: reports; None if there is none.
        left_out: number of training examples removed because dev or test has them.
    """

    train: Examples
    dev: Examples
    test: Examples | None = None
    left_out: int = 0

    @property
    def kind(self) -> Kind:
        """Whether an example is a `text` or a `pair`."""
        return self.train.kind

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, sorted; a class is numbered by its place among them."""
        return tuple(self.train.classes)

    @property
    def data(self) -> Data:
        """The same for the fitting of heads."""
        return Data(self.train, self.left_out, self.dev, self.test)

    def targets(self, examples: Examples) -> NDArray[np.int64]:
        """The number of each example's class."""
        return class_indices(examples.labels, self.classes)


def read_task(
    train: Path, dev: Path | None, test: Path | None, *, dev_share: float, seed: int, most_rows: int | None = None
) -> Task:
    """Read a task's tables.

    Args:
        train: the training examples.
        dev: the validation split; without it, a share of the training examples is held out, class by class.
        test: the test split.
        dev_share: that share.
        seed: draws the held-out examples and the sample.
        most_rows: a greater training split is sampled down to this, class by class.

    Raises:
        CorpusError: a file can't be read.
        ExamplesError: a column is missing, a label is missing or unknown, or a class has too few examples.
    """
    data = read_data(train, dev, test)
    kept, chosen = (data.train, data.dev) if data.dev is not None else _split(data.train, dev_share, seed)
    if most_rows is not None and len(kept) > most_rows:
        kept, _ = _split(kept, len(kept) - most_rows, seed)
    return Task(kept, chosen, data.test, data.left_out)


def _split(examples: Examples, held_out: float, seed: int) -> tuple[Examples, Examples]:
    """Split class by class; `held_out` is a share, or a number of examples."""
    try:
        kept, chosen = train_test_split(
            np.arange(len(examples)), test_size=held_out, random_state=seed, stratify=examples.labels
        )
    except ValueError:
        raise ExamplesError(
            f"{examples.path} has {len(examples):,} examples of {len(examples.classes):,} classes: too few to hold out "
            "some of each class for validation; name a file of validation examples"
        ) from None
    return examples.at(np.sort(kept)), examples.at(np.sort(chosen))
