"""Text files and tables: UTF-8, plain or compressed; tables are tab-separated, without quoting, under a header line."""

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from model_build.common.encoding import describe
from model_build.common.errors import BuildError, CorpusError, DataError

_SUFFIXES = (".xz", ".gz", ".txt", ".tsv")
_OPENERS: Mapping[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open}
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)
_SHOWN = 5  # names of a folder's files that a message lists


def find_files(patterns: Sequence[str], data: Path) -> list[Path]:
    """Find the files below `data` that match any of the patterns, sorted by path.

    Raises:
        CorpusError: `data` is not a folder, or a pattern matches no file.
    """
    if data.is_file():
        raise CorpusError(f"{data} is a file; the data folder is the one that holds it, and the recipe names the file")
    if not data.is_dir():
        raise CorpusError(f"the data folder {data} does not exist")
    found: set[Path] = set()
    for pattern in patterns:
        try:
            matches = [path for path in data.glob(pattern) if path.is_file()]
        except (ValueError, NotImplementedError):
            raise CorpusError(f"{pattern!r} is no pattern of files below {data}, such as texts/*.txt") from None
        if not matches:
            raise CorpusError(f"no file below {data} matches {pattern}{_present(data)}")
        found.update(matches)
    return sorted(found)


def stem_of(path: Path) -> str:
    """A file's name without the suffixes of text files and compression."""
    name = path.name
    while name.endswith(_SUFFIXES):
        name = name.rpartition(".")[0]
    return name


def is_table(path: Path) -> bool:
    """Whether a file has columns, by its name."""
    return ".tsv" in path.suffixes


def read_lines(path: Path) -> Iterator[str]:
    """Read a file's lines, without line ends and without a leading byte order mark.

    Raises:
        CorpusError: it can't be read, is not UTF-8, or holds a zero byte.
    """
    return _lines(path, CorpusError, newline=None)


def read_rows(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """Read a table's header and its rows, whose length is not checked.

    Raises:
        CorpusError: it can't be read, is not UTF-8, or holds a zero byte.
    """
    lines = read_lines(path)
    header = next(lines, "").split("\t")
    return header, (line.split("\t") for line in lines)


def numbered_rows(
    path: Path, header: Sequence[str], rows: Iterator[list[str]], error: type[BuildError]
) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with their line numbers.

    Raises:
        BuildError: of type `error`; a row has another length than the header.
    """
    for number, cells in enumerate(rows, start=2):
        if cells == [""]:
            continue
        if len(cells) != len(header):
            raise error(f"{path}, line {number}: {len(cells)} columns, but the header has {len(header)}")
        yield number, cells


def read_table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Read the named columns of a table: a tuple for each row, in the order of the file, which may have other columns.

    Only a line feed ends a row, so that a cell may hold a carriage return.

    Raises:
        DataError: the file is missing or damaged, lacks a column, or has a row of another length than its header.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing; expected a tab-separated xz file with the columns {', '.join(columns)}")
    lines = _lines(path, DataError, newline="\n")
    header = next(lines, "").split("\t")
    missing = [column for column in columns if column not in header]
    if missing:
        raise DataError(f"{path} has no column {missing[0]!r}; its header must name {', '.join(columns)}")
    places = [header.index(column) for column in columns]
    rows = (line.split("\t") for line in lines)
    return [tuple(cells[place] for place in places) for _, cells in numbered_rows(path, header, rows, DataError)]


def _lines(path: Path, error: type[BuildError], *, newline: str | None) -> Iterator[str]:
    try:
        with _open(path, newline) as file:
            for line in file:
                if "\0" in line:
                    raise error(_not_text(path))
                yield line.rstrip("\n")
    except UnicodeDecodeError:
        raise error(_not_text(path)) from None
    except _UNREADABLE as reason:
        raise error(f"{path} can't be read: {reason}") from None


def _present(data: Path) -> str:
    """List some of a folder's files, for a message."""
    names = sorted(path.name + "/" * path.is_dir() for path in data.iterdir())
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"; it holds {', '.join(names[:_SHOWN])}{more}" if names else "; it is empty"


def _not_text(path: Path) -> str:
    return f"{path} can't be read as UTF-8 text: {describe(_raw_lines(path))}"


def _open(path: Path, newline: str | None) -> TextIO:
    file: TextIO = _opener(path)(path, "rt", encoding="utf-8-sig", newline=newline)
    return file


def _raw_lines(path: Path) -> Iterator[bytes]:
    with _opener(path)(path, "rb") as file:
        yield from file


def _opener(path: Path) -> Callable[..., Any]:
    return _OPENERS.get(path.suffix, Path.open)
