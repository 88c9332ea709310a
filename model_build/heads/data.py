"""Labelled examples: a table with the columns `label` and `text`; for pairs also `text_b`, or `text_a` and `text_b`."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import ExamplesError
from model_build.common.tsv import numbered_rows, read_rows
from model_build.evaluation.leakage import normalized
from service.artifact.artifact import file_sha256
from service.heads.manifest import LONGEST_LABEL, MOST_CLASSES, Kind
from service.text.cleaning import has_words

LABEL = "label"
# The first set of columns that a table has decides: with `text_b`, `text` is a pair's first text.
COLUMNS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("pair", ("text_a", "text_b")),
    ("pair", ("text", "text_b")),
    ("text", ("text",)),
)

Labels = NDArray[np.str_]


@dataclass(frozen=True)
class Examples:
    """Labelled texts, in one column, or pairs of texts, in two; with the file that they are from."""

    path: Path
    sha256: str
    kind: Kind
    labels: Labels
    columns: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> list[str]:
        """The distinct labels, sorted."""
        return sorted(set(self.labels.tolist()))

    def text_keys(self) -> list[tuple[str, ...]]:
        """Keys that are equal for examples with the same normalised texts; the order within a pair does not matter."""
        return [tuple(sorted(normalized(text) for text in texts)) for texts in zip(*self.columns, strict=True)]

    def without(self, others: Sequence["Examples"]) -> "Examples":
        """The examples whose texts are in none of the others."""
        known = {key for other in others for key in other.text_keys()}
        return self.at([place for place, key in enumerate(self.text_keys()) if key not in known])

    def at(self, places: Sequence[int] | NDArray[np.int64]) -> "Examples":
        """The examples at some places."""
        columns = tuple(tuple(column[place] for place in places) for column in self.columns)
        return replace(self, labels=self.labels[places], columns=columns)


def read_examples(path: Path, *, labelled: bool = True) -> Examples:
    """Read a table, plain or as `.xz` or `.gz`; other columns are ignored, and where they are not asked for, labels.

    Labels that were not asked for are empty.

    Raises:
        CorpusError: the file can't be read, or is not UTF-8.
        ExamplesError: a column is missing, there are no rows, or a row has too few cells, a blank text or a bad label.
    """
    if not path.is_file():
        raise ExamplesError(f"there is no file {path}")
    header, rows = read_rows(path)
    kind, names = _columns(path, header, labelled=labelled)
    label_at, places = header.index(LABEL) if labelled else None, [header.index(name) for name in names]
    found: list[list[str]] = []
    for number, cells in numbered_rows(path, header, rows, ExamplesError):
        label = "" if label_at is None else cells[label_at]
        texts = [cells[place] for place in places]
        _check(path, number, None if label_at is None else label, texts)
        found.append([label, *texts])
    if not found:
        raise ExamplesError(f"{path} has no rows")
    labels, *columns = zip(*found, strict=True)
    return Examples(path, file_sha256(path), kind, np.array(labels), tuple(columns))


def check_training(examples: Examples, *, left_out: int = 0) -> None:
    """Check that a classifier can be fitted to the examples, `left_out` rows of whose file dev or test has.

    Raises:
        ExamplesError: there are fewer than two classes or too many, or a class has a single example.
    """
    counts = Counter(examples.labels.tolist())
    without = f" without the {left_out:,} rows that dev or test has too" if left_out else ""
    if len(counts) < 2:
        known = f"only the label {next(iter(counts))!r}" if counts else "no rows"
        raise ExamplesError(f"{examples.path} has {known}{without}; a head needs two classes")
    if len(counts) > MOST_CLASSES:
        raise ExamplesError(f"{examples.path} has {len(counts):,} labels; a head has at most {MOST_CLASSES:,}")
    alone = sorted(label for label, count in counts.items() if count < 2)
    if alone:
        raise ExamplesError(
            f"{examples.path}: the label {alone[0]!r} has one example{_others(alone)}{without}; each needs two or more"
        )


def check_held_out(examples: Examples, training: Examples) -> None:
    """Check that a head fitted to `training` can be measured on the examples.

    Raises:
        ExamplesError: one of the two has pairs and the other texts, or a label is unknown.
    """
    check_kind(examples, training)
    unknown = sorted(set(examples.classes) - set(training.classes))
    if unknown:
        raise ExamplesError(
            f"{examples.path} has the label {unknown[0]!r}, which {training.path} lacks{_others(unknown)}"
        )


def check_kind(examples: Examples, training: Examples) -> None:
    """Check that two files have texts both, or pairs both.

    Raises:
        ExamplesError: one of them has pairs and the other texts.
    """
    if examples.kind != training.kind:
        raise ExamplesError(
            f"{examples.path} has the columns of a {examples.kind} head, "
            f"but {training.path} those of a {training.kind} head"
        )


def _others(labels: Sequence[str]) -> str:
    return f" (and {len(labels) - 1} more like it)" if len(labels) > 1 else ""


def _is_label(label: str) -> bool:
    return 1 <= len(label) <= LONGEST_LABEL and all(unicodedata.category(one) != "Cc" for one in label)


def _columns(path: Path, header: Sequence[str], *, labelled: bool) -> tuple[Kind, tuple[str, ...]]:
    for kind, columns in COLUMNS:
        if {*columns, *([LABEL] if labelled else [])} <= set(header):
            return kind, columns
    needed = "columns label and text" if labelled else "column text"
    raise ExamplesError(
        f"{path} needs the {needed}, for pairs text_b too (or text_a and text_b), separated by tabs; "
        f"its header is {', '.join(header)[:200]!r}"
    )


def _check(path: Path, number: int, label: str | None, texts: Sequence[str]) -> None:
    if label is not None and not _is_label(label):
        raise ExamplesError(
            f"{path}, line {number}: a label has 1 to {LONGEST_LABEL} characters, no control characters among them"
        )
    if not all(has_words(text) for text in texts):
        raise ExamplesError(f"{path}, line {number}: the text is blank")
