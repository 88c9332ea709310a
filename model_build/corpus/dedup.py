"""Duplicates: texts normalised, and texts with the same set of words.

This finds exact duplicates and texts that differ in order, case and punctuation only. It is not MinHash: texts that
share most of their words are kept.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from model_build.common.tsv import find_files, is_table, read_lines, read_rows
from model_build.common.words import compared_words
from model_build.recipe import CorpusRecipe


def normalise(text: str) -> str:
    """Convert to NFC, replace control characters and runs of blanks by one space, and strip."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())


def word_key(text: str) -> bytes:
    """Hash a text's set of words: equal whatever their order, case and punctuation."""
    words = sorted(compared_words(text.casefold())) or [text]
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def distinct(texts: Iterable[str], recipe: CorpusRecipe, seen: set[bytes]) -> Iterator[str]:
    """Yield normalised texts of the recipe's length whose set of words is new; `seen` has the keys, and grows."""
    for raw in texts:
        text = normalise(raw)
        if not recipe.min_characters <= len(text) <= recipe.max_characters:
            continue
        key = word_key(text)
        if key not in seen:
            seen.add(key)
            yield text


def excluded_texts(recipe: CorpusRecipe, data: Path) -> set[str]:
    """Read the normalised texts of the recipe's `excluded` files: lines, or every cell and every row of a table.

    Raises:
        CorpusError: a pattern matches no file, or a file can't be read.
    """
    found: set[str] = set()
    for path in find_files(recipe.excluded, data) if recipe.excluded else ():
        if is_table(path):
            header, rows = read_rows(path)
            named = [index for index, column in enumerate(header) if column in recipe.tsv_columns]
            for cells in rows:
                found.update(map(normalise, [*cells, row_text(cells, named)]))
        else:
            found.update(map(normalise, read_lines(path)))
    return found


def row_text(cells: Sequence[str], columns: Sequence[int]) -> str:
    """Join some of a row's cells into one text."""
    return ". ".join(cells[column] for column in columns if column < len(cells) and cells[column])
