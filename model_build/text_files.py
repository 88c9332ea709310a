"""Text files and tables as users have them: UTF-8, plain or compressed; tables tab-separated under a header line."""

import codecs
import gzip
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from model_build.errors import CorpusError

_BEGINNING = 4096
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
    except UnicodeDecodeError:
        raise CorpusError(f"{path} is not UTF-8 text: {_what_it_is(path)}") from None
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise CorpusError(f"{path} can't be read: {error}") from None


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


def _what_it_is(path: Path) -> str:
    """What a file that is not UTF-8 seems to be, and how it would become so."""
    with _open(path) as file:
        beginning = file.buffer.read(_BEGINNING)
        if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "it begins as UTF-16 does; convert it with: iconv -f UTF-16 -t UTF-8"
        if b"\0" in beginning:
            return "it has bytes 0, so that it seems to be no text at all"
        file.buffer.seek(0)
        for number, line in enumerate(file.buffer, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return (
                    f"line {number} has the byte 0x{line[error.start]:02x}; "
                    "convert it from what it is in, for example with: iconv -f GB18030 -t UTF-8"
                )
    return "it changed while it was read"
