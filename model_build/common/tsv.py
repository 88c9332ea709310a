"""Text files and tables as users have them: UTF-8, plain or compressed; tables tab-separated under a header line."""

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from model_build.common.encoding import describe
from model_build.common.errors import CorpusError

_SUFFIXES = (".xz", ".gz", ".txt", ".tsv")
_OPENERS: Mapping[str, Callable[..., Any]] = {".xz": lzma.open, ".gz": gzip.open}
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)
_SHOWN = 5  # names of a folder's files that a message lists


def find_files(patterns: Sequence[str], data: Path) -> list[Path]:
    """The files below `data` that match the patterns, in the order of their names.

    Raises:
        CorpusError: there is no such folder, or a pattern matches none of its files.
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
    """Whether a file has columns."""
    return ".tsv" in path.suffixes


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file; a byte order mark before them is passed over.

    Raises:
        CorpusError: it can't be read, is not UTF-8, or holds what no text does.
    """
    try:
        with _open(path) as file:
            for line in file:
                if "\0" in line:
                    raise CorpusError(_not_text(path))
                yield line.rstrip("\n")
    except UnicodeDecodeError:
        raise CorpusError(_not_text(path)) from None
    except _UNREADABLE as error:
        raise CorpusError(f"{path} can't be read: {error}") from None


def read_rows(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """A table's header, and its rows; a row may have fewer cells than the header.

    Raises:
        CorpusError: it can't be read, or is not UTF-8.
    """
    lines = read_lines(path)
    header = next(lines, "").split("\t")
    return header, (line.split("\t") for line in lines)


def _present(data: Path) -> str:
    """What the folder holds instead, in words."""
    names = sorted(path.name + "/" * path.is_dir() for path in data.iterdir())
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"; it holds {', '.join(names[:_SHOWN])}{more}" if names else "; it is empty"


def _not_text(path: Path) -> str:
    return f"{path} can't be read as UTF-8 text: {describe(_raw_lines(path))}"


def _open(path: Path) -> TextIO:
    file: TextIO = _opener(path)(path, "rt", encoding="utf-8-sig")
    return file


def _raw_lines(path: Path) -> Iterator[bytes]:
    with _opener(path)(path, "rb") as file:
        yield from file


def _opener(path: Path) -> Callable[..., Any]:
    return _OPENERS.get(path.suffix, Path.open)
