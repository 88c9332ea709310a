"""Labelled pairs of the teacher's tasks: read from tables, and split by text into training and validation."""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import CorpusError
from model_build.common.tsv import find_files, numbered_rows, read_rows
from model_build.corpus.dedup import normalise, word_key
from model_build.recipe import PairTaskRecipe

MIN_PAIRS = 20
_LABELS = {"0": 0, "1": 1}


@dataclass(frozen=True)
class PairTasks:
    """Labelled pairs of all tasks: the training split, then the validation split.

    Attributes:
        names: of the tasks.
        texts: distinct texts of all pairs.
        pairs: int64 `[pairs, 2]`, indices in `texts`.
        labels: float32 `[pairs]`, 1 where the texts match.
        tasks: int64 `[pairs]`, indices in `names`.
        training: number of training pairs.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: NDArray[np.int64]
    labels: NDArray[np.float32]
    tasks: NDArray[np.int64]
    training: int

    def texts_missing_in(self, corpus: Collection[str]) -> list[str]:
        """List the texts that a corpus lacks: those of the validation split, and duplicates that it dropped."""
        known = set(corpus)
        return [text for text in self.texts if text not in known]

    @property
    def validation_texts(self) -> set[str]:
        """The texts of the validation split; no training pair has one of them."""
        return {self.texts[index] for index in self.pairs[self.training :].ravel()}


@dataclass(frozen=True)
class _Row:
    task: int
    label: int
    texts: tuple[str, str]

    def avoids(self, keys: Collection[bytes]) -> bool:
        """True if neither text is among these."""
        return all(word_key(text) not in keys for text in self.texts)


def read_tasks(recipes: Sequence[PairTaskRecipe], data: Path, excluded: Collection[str], seed: int) -> PairTasks:
    """Read the tasks of a recipe; the seed decides the validation split.

    Pairs with an excluded text are dropped, and so are training pairs with a text of any task's validation split; texts
    with the same set of words count as the same.

    Raises:
        CorpusError: a file can't be read, lacks a column or has a label other than 0 and 1, or too few pairs are left.
    """
    forbidden = {word_key(text) for text in excluded}
    rest: list[_Row] = []
    validation: list[_Row] = []
    for number, recipe in enumerate(recipes):
        rows = [row for row in _read(recipe, number, data) if row.avoids(forbidden)]
        random.Random(f"pairs:{seed}:{recipe.name}").shuffle(rows)
        chosen = round(recipe.validation_share * len(rows))
        validation += rows[:chosen]
        rest += rows[chosen:]
    held = {word_key(text) for row in validation for text in row.texts}
    training = [row for row in rest if row.avoids(held)]
    for number, recipe in enumerate(recipes):
        _check_enough(recipe.name, "train", [row.label for row in training if row.task == number])
        _check_enough(recipe.name, "validate", [row.label for row in validation if row.task == number])
    return _gather([recipe.name for recipe in recipes], training + validation, len(training))


def read_tests(recipes: Sequence[PairTaskRecipe], files: Mapping[str, Sequence[str]], data: Path) -> PairTasks | None:
    """Read the test pairs of tasks, from files by task; a task may have none. None of them trains.

    Raises:
        CorpusError: a file can't be read, lacks a column, has a label other than 0 and 1, or a task has only one label.
    """
    named = [recipe for recipe in recipes if recipe.name in files]
    measured = [recipe.model_copy(update={"files": tuple(files[recipe.name])}) for recipe in named]
    rows = [row for number, recipe in enumerate(measured) for row in _read(recipe, number, data)]
    for number, recipe in enumerate(measured):
        _check_enough(recipe.name, "measure", [row.label for row in rows if row.task == number])
    return _gather([recipe.name for recipe in measured], rows, training=0) if measured else None


def _gather(names: Sequence[str], rows: Sequence[_Row], training: int) -> PairTasks:
    indices = {text: index for index, text in enumerate(dict.fromkeys(text for row in rows for text in row.texts))}
    return PairTasks(
        names=tuple(names),
        texts=tuple(indices),
        pairs=np.array([[indices[text] for text in row.texts] for row in rows], dtype=np.int64).reshape(-1, 2),
        labels=np.array([row.label for row in rows], dtype=np.float32),
        tasks=np.array([row.task for row in rows], dtype=np.int64),
        training=training,
    )


def _check_enough(name: str, purpose: str, labels: Sequence[int]) -> None:
    if len(labels) < MIN_PAIRS or len(set(labels)) == 1:
        alike = f", all labelled {labels[0]}" if len(set(labels)) == 1 else ""
        raise CorpusError(
            f"task {name}: {len(labels)} pairs are left to {purpose} on{alike}; needed are {MIN_PAIRS}, of both labels"
        )


def _read(recipe: PairTaskRecipe, number: int, data: Path) -> Iterator[_Row]:
    columns = (recipe.label, *recipe.texts)
    for path in find_files(recipe.files, data):
        header, rows = read_rows(path)
        missing = ", ".join(column for column in columns if column not in header)
        if missing:
            raise CorpusError(
                f"task {recipe.name}: {path} has no column {missing}; its header: {', '.join(header)[:200]}"
            )
        found = [header.index(column) for column in columns]
        for line, cells in numbered_rows(path, header, rows, CorpusError):
            label, first, second = (cells[column] for column in found)
            if label not in _LABELS:
                raise CorpusError(
                    f"{path}, line {line}: the column {recipe.label} must be 0 or 1; it is {label[:40]!r}"
                )
            yield _Row(number, _LABELS[label], (normalise(first), normalise(second)))
