"""Build the corpus: text files in, distinct training texts out.

Duplicates and the texts of evaluation sets are dropped (see `dedup`). From a share of the texts a short query is drawn,
and makes a pair of the ranking task with its text (see `queries`); compositions add texts in the shape of catalogue
entries (see `synthetic`).
"""

import json
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.atomic import write_json
from model_build.common.errors import CorpusError
from model_build.common.tsv import find_files, is_table, read_lines, read_rows, stem_of
from model_build.corpus.dedup import distinct, row_text, word_key
from model_build.corpus.queries import draw_queries
from model_build.corpus.synthetic import compose
from model_build.recipe import CorpusRecipe
from service.artifact.artifact import file_sha256

TEXTS, HELDOUT, PAIRS, SOURCES = "texts.txt", "heldout.txt", "pairs.npy", "sources.json"
MIN_TEXTS = 100


@dataclass(frozen=True)
class Source:
    """A file and the number of texts taken from it."""

    name: str
    texts: int
    sha256: str
    licence: str


@dataclass(frozen=True)
class Corpus:
    """Training texts.

    Attributes:
        texts: distinct texts, then compositions, then drawn queries.
        heldout: texts kept out of training.
        pairs: int64 `[pairs, 2]`, indices in `texts` of a query and of the text it was drawn from.
        sources: the files.
    """

    texts: list[str]
    heldout: list[str]
    pairs: NDArray[np.int64]
    sources: tuple[Source, ...]


def build_corpus(recipe: CorpusRecipe, data: Path, excluded: Collection[str], seed: int) -> Corpus:
    """Collect the recipe's texts from below `data`, without the excluded ones; the seed decides what is drawn.

    Raises:
        CorpusError: no file matches, a file can't be read, or fewer than `MIN_TEXTS` texts are left.
    """
    seen = {word_key(text) for text in excluded}
    texts: list[str] = []
    sources: list[Source] = []
    for path in find_files(recipe.files, data):
        name = source_name(path, recipe)
        cap = round(recipe.texts_per_file * recipe.weights.get(name, 1.0))
        every = list(_read_texts(path, recipe))
        random.Random(f"{seed}:{name}").shuffle(every)
        chosen = list(islice(distinct(every, recipe, seen), cap))
        texts += chosen
        licence = recipe.licences.get(name, "not stated")
        sources.append(Source(name, len(chosen), file_sha256(path), licence))
    _check_enough(len(texts), recipe, data)
    random.Random(seed).shuffle(texts)
    heldout, training = texts[: recipe.heldout_texts], texts[recipe.heldout_texts :]
    training += compose(training, round(recipe.composition_share * len(training)), seed)
    queries = draw_queries(training, recipe.query_share, seed)
    pairs = [(len(training) + number, text) for number, text in enumerate(queries)]
    return Corpus(
        texts=training + list(queries.values()),
        heldout=heldout,
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        sources=tuple(sources),
    )


def check_texts(recipe: CorpusRecipe, files: Sequence[Path], data: Path, excluded: Collection[str]) -> None:
    """Read every file to its end, and count usable texts, without the excluded ones, until there are enough.

    Raises:
        CorpusError: a file can't be read or is empty, or there are too few usable texts.
    """
    seen = {word_key(text) for text in excluded}
    usable = 0
    for path in files:
        if next(read_lines(path), None) is None:
            raise CorpusError(f"{path} is empty")
        texts = _read_texts(path, recipe)
        usable += sum(1 for _ in islice(distinct(texts, recipe, seen), _needed(recipe)))
        for _ in texts:
            pass  # read to the end, to report undecodable bytes now
    _check_enough(usable, recipe, data)


def source_name(path: Path, recipe: CorpusRecipe) -> str:
    """Name a file as `weights` or `licences` do, with as many of its folders as they have, or else by its stem."""
    *folders, stem = (*path.parent.parts, stem_of(path))
    tails = ("/".join([*folders[start:], stem]) for start in range(len(folders)))
    return next((tail for tail in tails if tail in recipe.weights or tail in recipe.licences), stem)


def save_corpus(corpus: Corpus, folder: Path) -> None:
    """Write a corpus for `load_corpus`."""
    (folder / TEXTS).write_text("\n".join(corpus.texts) + "\n", encoding="utf-8")
    (folder / HELDOUT).write_text("\n".join(corpus.heldout) + "\n", encoding="utf-8")
    np.save(folder / PAIRS, corpus.pairs)
    write_json(folder / SOURCES, [asdict(source) for source in corpus.sources])


def load_corpus(folder: Path) -> Corpus:
    """Read a corpus that `save_corpus` wrote."""
    return Corpus(
        texts=(folder / TEXTS).read_text(encoding="utf-8").split("\n")[:-1],
        heldout=(folder / HELDOUT).read_text(encoding="utf-8").split("\n")[:-1],
        pairs=np.load(folder / PAIRS),
        sources=tuple(Source(**source) for source in json.loads((folder / SOURCES).read_text(encoding="utf-8"))),
    )


def _needed(recipe: CorpusRecipe) -> int:
    return max(MIN_TEXTS, 2 * recipe.heldout_texts)


def _check_enough(texts: int, recipe: CorpusRecipe, data: Path) -> None:
    if texts < _needed(recipe):
        raise CorpusError(
            f"the corpus below {data} has {texts:,} usable texts (distinct, of {recipe.min_characters} to "
            f"{recipe.max_characters} characters); at least {_needed(recipe):,} are needed: "
            f"{MIN_TEXTS}, and twice corpus.heldout_texts"
        )


def _read_texts(path: Path, recipe: CorpusRecipe) -> Iterator[str]:
    if not is_table(path):
        yield from read_lines(path)
        return
    header, rows = read_rows(path)
    missing = [column for column in recipe.tsv_columns if column not in header]
    if recipe.tsv_texts == "cell" and len(missing) < len(recipe.tsv_columns):
        missing = []  # a file may lack some columns
    if missing or not recipe.tsv_columns:
        wanted = ", ".join(missing) or "none named"
        raise CorpusError(f"{path}: corpus.tsv_columns ({wanted}) must name columns of its header: {', '.join(header)}")
    columns = [header.index(column) for column in recipe.tsv_columns if column in header]
    for cells in rows:
        if recipe.tsv_texts == "cell":
            yield from (cells[column] for column in columns if column < len(cells))
        else:
            yield row_text(cells, columns)
