"""The corpus stage: text files in, distinct training texts out.

Exact duplicates and near duplicates are dropped (two texts are near duplicates when they have the same words,
whatever their order, case and punctuation), and so is every text of the evaluation sets. From a share of the texts a
short query is drawn: a few of its words, rare ones likelier, in their order. Query and text make a pair of the
ranking task. Chinese has no blanks that tell its words, and none are drawn from it.

Catalogue entries are longer than most texts and of another make: a title, names or tags in a row, a few sentences.
Where files of single titles and sentences are all there is, compositions of them teach the student to read such text.
"""

import hashlib
import json
import math
import random
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import CorpusError
from model_build.common.tsv import find_files, is_table, read_lines, read_rows, stem_of
from model_build.common.words import compared_words, count_words, has_cjk, split_words
from model_build.recipe import CorpusRecipe
from model_build.run.stage import write_json
from service.artifact.artifact import file_sha256

TEXTS, HELDOUT, PAIRS, SOURCES = "texts.txt", "heldout.txt", "pairs.npy", "sources.json"
MIN_TEXTS = 100
MIN_QUERY_WORDS, MAX_QUERY_WORDS = 2, 5
TITLE_WORDS, SENTENCE_WORDS = 5, 8  # a title has at most, a sentence at least so many
MAX_LISTED, MAX_SENTENCES = 6, 3
_LISTED_SHARE, _SHUFFLED_SHARE = 0.8, 0.2
_JOINTS = (" ", ". ", " - ", ", ", ": ")


@dataclass(frozen=True)
class Source:
    """A file that gave texts."""

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
        pairs: int64 `[pairs, 2]`, the places in `texts` of a query and of the text it was drawn from.
        sources: what the texts came from.
    """

    texts: list[str]
    heldout: list[str]
    pairs: NDArray[np.int64]
    sources: tuple[Source, ...]


def build_corpus(recipe: CorpusRecipe, data: Path, excluded: Collection[str], seed: int) -> Corpus:
    """Collect the recipe's texts from below `data`.

    Args:
        recipe: which files, and how much of each.
        data: the folder that the recipe's patterns start from.
        excluded: texts (as `normalise` gives them) that must not train.
        seed: decides which texts and queries are drawn.

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
        chosen = list(islice(_distinct(every, recipe, seen), cap))
        texts += chosen
        licence = recipe.licences.get(name, "not stated")
        sources.append(Source(name, len(chosen), file_sha256(path), licence))
    _check_enough(len(texts), recipe, data)
    random.Random(seed).shuffle(texts)
    heldout, training = texts[: recipe.heldout_texts], texts[recipe.heldout_texts :]
    training += compose(training, round(recipe.composition_share * len(training)), seed)
    queries = draw_queries(training, recipe.query_share, seed)
    pairs = [(len(training) + place, text) for place, text in enumerate(queries)]
    return Corpus(
        texts=training + list(queries.values()),
        heldout=heldout,
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        sources=tuple(sources),
    )


def check_texts(recipe: CorpusRecipe, files: Sequence[Path], data: Path, excluded: Collection[str]) -> None:
    """Read every file to its end, and count texts until there are enough.

    Args:
        recipe: which files, and which of their texts.
        files: those that the recipe names.
        data: the folder that they lie in.
        excluded: texts that must not train.

    Raises:
        CorpusError: a file can't be read or is empty, or all together have too few texts of use.
    """
    seen = {word_key(text) for text in excluded}
    known = 0
    for path in files:
        if next(read_lines(path), None) is None:
            raise CorpusError(f"{path} is empty")
        texts = _read_texts(path, recipe)
        known += sum(1 for _ in islice(_distinct(texts, recipe, seen), _needed(recipe)))
        for _ in texts:
            pass  # to the end: what can't be read is told now
    _check_enough(known, recipe, data)


def source_name(path: Path, recipe: CorpusRecipe) -> str:
    """What a file is called: as `weights` or `licences` call it, with as much of its path as they have, or its stem."""
    *folders, stem = (*path.parent.parts, stem_of(path))
    tails = ("/".join([*folders[start:], stem]) for start in range(len(folders)))
    return next((tail for tail in tails if tail in recipe.weights or tail in recipe.licences), stem)


def excluded_texts(recipe: CorpusRecipe, data: Path) -> set[str]:
    """The normalised texts of the recipe's `excluded` files: their lines, or every cell and every row of a table.

    Raises:
        CorpusError: a pattern matches no file, or a file can't be read.
    """
    found: set[str] = set()
    for path in find_files(recipe.excluded, data) if recipe.excluded else ():
        if is_table(path):
            header, rows = read_rows(path)
            named = [place for place, column in enumerate(header) if column in recipe.tsv_columns]
            for cells in rows:
                found.update(map(normalise, [*cells, _row_text(cells, named)]))
        else:
            found.update(map(normalise, read_lines(path)))
    return found


def normalise(text: str) -> str:
    """NFC, control characters and runs of blanks as one space, trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())


def word_key(text: str) -> bytes:
    """Equal for texts with the same words, whatever their order, case and punctuation."""
    words = sorted(compared_words(text.casefold())) or [text]
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def draw_queries(texts: Sequence[str], share: float, seed: int) -> dict[int, str]:
    """Draw a query from a share of the texts that are long enough.

    Words are drawn without replacement, with probability proportional to their inverse document frequency
    (Efraimidis and Spirakis' weighted reservoir keys), and keep their order. None are of a text with CJK characters,
    of which a few, drawn here and there, are no query that anybody would type.

    Returns:
        The query by the place of its text.
    """
    frequency = Counter(word for text in texts for word in {word.casefold() for word in split_words(text)})
    idf = {word: math.log(1 + len(texts) / count) for word, count in frequency.items()}
    rng = random.Random(f"queries:{seed}")
    queries: dict[int, str] = {}
    for place, text in enumerate(texts):
        if rng.random() >= share:
            continue
        words = split_words(text)
        if len(words) <= MAX_QUERY_WORDS or has_cjk(text):
            continue
        size = rng.randint(MIN_QUERY_WORDS, MAX_QUERY_WORDS)
        keys = [rng.random() ** (1 / idf[word.casefold()]) for word in words]
        kept = sorted(sorted(range(len(words)), key=keys.__getitem__)[-size:])
        queries[place] = " ".join(words[i] for i in kept).lower()
    return queries


def compose(texts: Sequence[str], count: int, seed: int) -> list[str]:
    """Put texts together the way catalogue entries are: a title, a row of names or tags, up to three sentences.

    One in five has its parts in another order. Parts come from anywhere in the corpus, so that nothing but the words
    themselves tells what belongs together.

    Returns:
        `count` compositions; none where the texts hold no short ones.
    """
    rng = random.Random(f"compositions:{seed}")
    words = [count_words(text) for text in texts]
    titles = [text for text, length in zip(texts, words, strict=True) if length <= TITLE_WORDS]
    sentences = [text for text, length in zip(texts, words, strict=True) if length >= SENTENCE_WORDS]
    if not titles:
        return []

    def composition() -> str:
        parts = [rng.choice(titles)]
        if rng.random() < _LISTED_SHARE:
            parts.append(", ".join(rng.choices(titles, k=rng.randint(1, MAX_LISTED))))
        if sentences:
            parts += rng.choices(sentences, k=rng.randint(0, MAX_SENTENCES))
        if rng.random() < _SHUFFLED_SHARE:
            rng.shuffle(parts)
        return rng.choice(_JOINTS).join(parts)

    return [composition() for _ in range(count)]


def save_corpus(corpus: Corpus, folder: Path) -> None:
    """Write a corpus for `load_corpus`."""
    (folder / TEXTS).write_text("\n".join(corpus.texts) + "\n", encoding="utf-8")
    (folder / HELDOUT).write_text("\n".join(corpus.heldout) + "\n", encoding="utf-8")
    np.save(folder / PAIRS, corpus.pairs)
    write_json(folder / SOURCES, [asdict(source) for source in corpus.sources])


def load_corpus(folder: Path) -> Corpus:
    """Read what `save_corpus` wrote."""
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


def _distinct(texts: Iterable[str], recipe: CorpusRecipe, seen: set[bytes]) -> Iterator[str]:
    for raw in texts:
        text = normalise(raw)
        if not recipe.min_characters <= len(text) <= recipe.max_characters:
            continue
        key = word_key(text)
        if key not in seen:
            seen.add(key)
            yield text


def _read_texts(path: Path, recipe: CorpusRecipe) -> Iterator[str]:
    if not is_table(path):
        yield from read_lines(path)
        return
    header, rows = read_rows(path)
    missing = [column for column in recipe.tsv_columns if column not in header]
    if recipe.tsv_texts == "cell" and len(missing) < len(recipe.tsv_columns):
        missing = []  # a file gives the columns that it has
    if missing or not recipe.tsv_columns:
        wanted = ", ".join(missing) or "none named"
        raise CorpusError(f"{path}: corpus.tsv_columns ({wanted}) must name columns of its header: {', '.join(header)}")
    places = [header.index(column) for column in recipe.tsv_columns if column in header]
    for cells in rows:
        if recipe.tsv_texts == "cell":
            yield from (cells[place] for place in places if place < len(cells))
        else:
            yield _row_text(cells, places)


def _row_text(cells: Sequence[str], places: Sequence[int]) -> str:
    return ". ".join(cells[place] for place in places if place < len(cells) and cells[place])
