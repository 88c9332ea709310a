"""Text files and tables as users have them: UTF-8, plain or compressed; tables tab-separated under a header line."""

import gzip
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from model_build.errors import CorpusError

_SUFFIXES = (".xz", ".gz", ".txt", ".tsv")


def find_files(patterns: Sequence[str], data: Path) -> list[Path]:
    """The files below `data` that match the patterns, in the order of their names.

    Raises:
        CorpusError: a pattern matches none.
    """
    if not data.is_dir():
        raise CorpusError(f"the data folder {data} does not exist")
    found: set[Path] = set()
    for pattern in patterns:
        matches = [path for path in data.glob(pattern) if path.is_file()]
        if not matches:
            raise CorpusError(f"no file below {data} matches {pattern}")
        found.update(matches)
    return sorted(found)


def stem_of(path: Path) -> str:
    """A file's name without the suffixes of text files and compression."""
    name = path.name
    while name.endswith(_SUFFIXES):
        name = name.rpartition(".")[0]
    return name


def is_table(path: Path) -> bool:
    """Whether a file has columns."""
    return ".tsv" in path.suffixes


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file.

    Raises:
        CorpusError: it can't be read, or is not UTF-8.
    """
    try:
        with _open(path) as file:
            for line in file:
                yield line.rstrip("\n")
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} can't be read as UTF-8 text: {error}") from None


def read_rows(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """A table's header, and its rows; a row may have fewer cells than the header.

    Raises:
        CorpusError: it can't be read, or is not UTF-8.
    """
    lines = read_lines(path)
    header = next(lines, "").split("\t")
    return header, (line.split("\t") for line in lines)


def _open(path: Path) -> TextIO:
    match path.suffix:
        case ".xz":
            return lzma.open(path, "rt", encoding="utf-8")
        case ".gz":
            return gzip.open(path, "rt", encoding="utf-8")
        case _:
            return path.open(encoding="utf-8")
