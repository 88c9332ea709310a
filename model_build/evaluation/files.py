"""Reading the benchmark's files: tab-separated, a header line, no quoting, UTF-8, xz-compressed."""

import lzma
from collections.abc import Sequence
from pathlib import Path

from model_build.evaluation.errors import DataError

BENCHMARK = "benchmark"
"""The folder inside the data folder that holds every set."""


def read_table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Read some columns of a table.

    Args:
        path: the `.tsv.xz` file.
        columns: names of the columns to return, in this order; the file may hold others.

    Returns:
        A tuple of the named columns for each row, in the order of the file.

    Raises:
        DataError: the file is missing or damaged, lacks a column, or has a row of another width than its header.
    """
    lines = _read_lines(path, columns)
    header = lines[0].split("\t")
    missing = [column for column in columns if column not in header]
    if missing:
        raise DataError(f"{path} has no column {missing[0]!r}; its header must name {', '.join(columns)}")
    places = [header.index(column) for column in columns]
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != len(header):
            raise DataError(f"{path}, line {number}: {len(cells)} columns, but the header has {len(header)}")
        rows.append(tuple(cells[place] for place in places))
    return rows


def _read_lines(path: Path, columns: Sequence[str]) -> list[str]:
    if not path.is_file():
        raise DataError(f"{path} is missing; expected a tab-separated xz file with the columns {', '.join(columns)}")
    try:
        text = lzma.decompress(path.read_bytes()).decode("utf-8")
    except (lzma.LZMAError, UnicodeDecodeError) as error:
        raise DataError(f"{path} can't be read as xz-compressed UTF-8: {error}") from None
    return text.split("\n")


def file_bytes(folder: Path, names: Sequence[str]) -> int:
    """Size of some files of a folder together."""
    return sum((folder / name).stat().st_size for name in names)
