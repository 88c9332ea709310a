"""A task: labelled texts or pairs of texts, in the splits that train, choose and report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from model_build.common.errors import ExamplesError
from model_build.heads.data import Examples, check_held_out, check_kind, check_training, read_examples
from model_build.heads.fit import Data, read_splits
from model_build.recipe.task import LabelKind
from model_build.tasks.target import check_grades
from service.heads.manifest import Kind


@dataclass(frozen=True)
class Task:
    """The examples of a task.

    Attributes:
        train: trains; without the examples that dev or test has too.
        dev: chooses rates and temperatures.
        test: reports; None if there is none.
        left_out: number of training examples removed because dev or test has them.
        rare: number of examples removed, of all splits, because their class is too rare.
        unlabelled: further examples to learn from, without labels; None if there are none.
    """

    train: Examples
    dev: Examples
    test: Examples | None = None
    left_out: int = 0
    rare: int = 0
    unlabelled: Examples | None = None

    @property
    def kind(self) -> Kind:
        """Whether an example is a `text` or a `pair`."""
        return self.train.kind

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, sorted."""
        return tuple(self.train.classes)

    @property
    def splits(self) -> dict[str, Examples]:
        """The splits by name."""
        found = {"train": self.train, "dev": self.dev}
        return found if self.test is None else {**found, "test": self.test}

    @property
    def lessons(self) -> list[Examples]:
        """What is learned from: the training examples, then those without labels, if there are any."""
        return [self.train] if self.unlabelled is None else [self.train, self.unlabelled]

    @property
    def reported(self) -> tuple[str, Examples]:
        """The split to report on, and its name: test, or else dev."""
        return ("dev", self.dev) if self.test is None else ("test", self.test)

    @property
    def data(self) -> Data:
        """The same for the fitting of heads."""
        return Data(self.train, self.left_out, self.dev, self.test)


def read_task(
    train: Path,
    dev: Path | None,
    test: Path | None,
    *,
    dev_share: float,
    seed: int,
    most_rows: int | None = None,
    labels: LabelKind = "classes",
    without_rare: bool = False,
    unlabelled: Path | None = None,
) -> Task:
    """Read a task's tables.

    Args:
        train: the training examples.
        dev: the validation split; without it, a share of the training examples is held out, class by class.
        test: the test split.
        dev_share: that share.
        seed: draws the held-out examples and the sample.
        most_rows: a greater training split is sampled down to this, class by class.
        labels: what they are; those of the teacher are not read.
        without_rare: leave out the examples of classes with a single training example, or none.
        unlabelled: further examples, whose labels are not read; without those of dev or test.

    Raises:
        CorpusError: a file can't be read.
        ExamplesError: a column is missing, a label is missing, unknown or no grade, or a class has too few examples.
    """
    data, rare = read_splits(train, dev, test, labelled=labels != "teacher"), 0
    if labels == "classes":
        data, rare = _without_rare(data) if without_rare else (data, 0)
        check_training(data.train, left_out=data.left_out)
        for one in data.held_out:
            check_held_out(one, data.train)
    elif labels == "grades":
        check_grades([data.train, *data.held_out])
    by_class = labels == "classes"
    kept, chosen = (
        (data.train, data.dev) if data.dev is not None else _split(data.train, dev_share, seed, by_class=by_class)
    )
    if most_rows is not None and len(kept) > most_rows:
        kept, _ = _split(kept, len(kept) - most_rows, seed, by_class=by_class)
    further = None if unlabelled is None else _further(unlabelled, kept, [chosen, *data.held_out])
    return Task(kept, chosen, data.test, data.left_out, rare, further)


def _further(path: Path, train: Examples, held_out: Sequence[Examples]) -> Examples:
    found = read_examples(path, labelled=False)
    check_kind(found, train)
    return found.without(held_out)


def _without_rare(data: Data) -> tuple[Data, int]:
    """Leave out the classes with fewer than two training examples; returns the number of examples that were."""
    counts = Counter(data.train.labels.tolist())

    def common(examples: Examples) -> Examples:
        return examples.at(np.flatnonzero([counts[label] > 1 for label in examples.labels.tolist()]))

    train, dev, test = (None if one is None else common(one) for one in (data.train, data.dev, data.test))
    assert train is not None  # noqa: S101 (narrows the type)
    changed = replace(data, train=train, dev=dev, test=test)
    for one, before in zip(changed.held_out, data.held_out, strict=True):
        if not len(one):
            raise ExamplesError(f"{before.path} has examples of rare classes alone")
    return changed, _rows(data) - _rows(changed)


def _rows(data: Data) -> int:
    return len(data.train) + sum(len(one) for one in data.held_out)


def _split(examples: Examples, held_out: float, seed: int, *, by_class: bool) -> tuple[Examples, Examples]:
    """Split, class by class or at random; `held_out` is a share, or a number of examples."""
    classes: Sequence[str] | None = examples.labels.tolist() if by_class else None
    try:
        kept, chosen = train_test_split(
            np.arange(len(examples)), test_size=held_out, random_state=seed, stratify=classes
        )
    except ValueError:
        classes_of = f" of {len(examples.classes):,} classes" if by_class else ""
        some = "some of each class" if by_class else "some"
        raise ExamplesError(
            f"{examples.path} has {len(examples):,} examples{classes_of}: too few to hold out {some} for validation; "
            "name a file of validation examples"
        ) from None
    return examples.at(np.sort(kept)), examples.at(np.sort(chosen))
