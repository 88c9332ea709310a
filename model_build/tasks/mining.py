"""Pairs of a query and a text for a teacher of relevance to grade: texts near the query, and texts from anywhere.

A cross-encoder says most about texts that could be mistaken for answers; texts that have nothing to do with the query
keep its scale. Without labels, both have to be looked for.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from rich.progress import Progress

from model_build.common.atomic import durable_file
from model_build.common.errors import CorpusError
from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.common.tsv import is_table, read_lines, read_rows
from model_build.evaluation.leakage import normalized
from model_build.heads.features import embed
from service.text.cleaning import clean, has_words

_QUERY_COLUMNS, _TEXT_COLUMNS = ("query", "text"), ("text", "title")


@dataclass(frozen=True)
class Draw:
    """What is drawn for each query.

    Attributes:
        near: texts of the `depth` nearest: the nearest one, and others at random.
        far: texts of all, at random.
        depth: how many are near.
        seed: decides it.
    """

    near: int = 4
    far: int = 2
    depth: int = 50
    seed: int = 17


def sample_queries(paths: Sequence[Path], most: int, seed: int) -> list[str]:
    """Draw distinct queries: lines of text files, or a table's column `query` or `text`.

    Raises:
        CorpusError: a file can't be read, or has no such column, or there are no queries.
    """
    return _sample(paths, _QUERY_COLUMNS, most, seed)


def sample_texts(paths: Sequence[Path], most: int, seed: int) -> list[str]:
    """Draw distinct texts: lines of text files, or a table's column `text` or `title`.

    Raises:
        CorpusError: a file can't be read, or has no such column, or there are no texts.
    """
    return _sample(paths, _TEXT_COLUMNS, most, seed)


def mine_pairs(
    queries: Sequence[str], texts: Sequence[str], system: EmbeddingSystem, draw: Draw, progress: Progress
) -> Iterator[tuple[str, str]]:
    """Pair each query with texts by the vectors of a system; a text that is the query itself is left out."""
    of_queries, of_texts = embed(queries, system, progress), embed(texts, system, progress)
    chance, known = random.Random(draw.seed), [normalized(text) for text in texts]
    for place, query in enumerate(queries):
        order = _nearest(of_texts @ of_queries[place], draw.depth + 1)
        own = normalized(query)
        near = [one for one in order if known[one] != own][: draw.depth]
        others = chance.sample(near[1:], min(draw.near - 1, len(near) - 1)) if draw.near > 1 and near else []
        chosen = [*near[: min(draw.near, 1)], *others]
        far = [one for one in chance.sample(range(len(texts)), min(draw.far, len(texts))) if known[one] != own]
        for one in dict.fromkeys([*chosen, *far]):
            yield query, texts[one]


def write_pairs(pairs: Iterator[tuple[str, str]], path: Path) -> int:
    """Write pairs as a table without labels, whole or not at all; returns how many."""
    count = 0
    with durable_file(path) as file:
        file.write(b"text\ttext_b\n")
        for count, pair in enumerate(pairs, start=1):  # noqa: B007 (the last count is returned)
            file.write(("\t".join(pair) + "\n").encode())
    return count


def _nearest(similarities: Vectors, most: int) -> list[int]:
    """Places of the greatest numbers, the greatest first."""
    most = min(most, len(similarities))
    chosen = np.argpartition(-similarities, most - 1)[:most]
    found: list[int] = chosen[np.argsort(-similarities[chosen], kind="stable")].tolist()
    return found


def _sample(paths: Sequence[Path], columns: Sequence[str], most: int, seed: int) -> list[str]:
    """Draw equally many texts of each file, as far as they go."""
    chance, drawn, seen = random.Random(seed), list[str](), set[str]()
    shares = [most // len(paths) + (place < most % len(paths)) for place in range(len(paths))]
    for path, share in zip(paths, shares, strict=True):
        lines = sorted({normalized(text): _cleaned(text) for text in _read(path, columns) if has_words(text)}.items())
        chance.shuffle(lines)
        fresh = dict(islice((line for line in lines if line[0] not in seen), share))
        seen |= fresh.keys()
        drawn += fresh.values()
    if not drawn:
        raise CorpusError(f"there are no texts in {', '.join(map(str, paths))}")
    return drawn


def _read(path: Path, columns: Sequence[str]) -> Iterator[str]:
    if not path.is_file():
        raise CorpusError(f"there is no file {path}")
    if not is_table(path):
        yield from read_lines(path)
        return
    header, rows = read_rows(path)
    found = [name for name in columns if name in header]
    if not found:
        raise CorpusError(
            f"{path} has none of the columns {', '.join(columns)}; its header is {', '.join(header)[:200]!r}"
        )
    at = header.index(found[0])
    yield from (cells[at] for cells in rows if len(cells) > at)


def _cleaned(text: str) -> str:
    """A text as a cell: cleaned as the service does, its tabs and line ends blanks."""
    return " ".join(clean(text).split())
