"""The corpus stage: text files in, distinct training texts out.

Exact duplicates and near duplicates are dropped (two texts are near duplicates when they have the same words,
whatever their order, case and punctuation), and so is every text of the evaluation sets. From a share of the texts a
short query is drawn: a few of its words, rare ones likelier, in their order. Query and text make a pair of the
ranking task.

Catalogue entries are longer than most texts and of another make: a title, names or tags in a row, a few sentences.
Where files of single titles and sentences are all there is, compositions of them teach the student to read such text.
"""

import gzip
import hashlib
import json
import lzma
import math
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from model_build.errors import CorpusError
from model_build.recipe import CorpusRecipe
from model_build.stages import write_json
from service.artifact import file_sha256

TEXTS, HELDOUT, PAIRS, SOURCES = "texts.txt", "heldout.txt", "pairs.npy", "sources.json"
MIN_TEXTS = 100
MIN_QUERY_WORDS, MAX_QUERY_WORDS = 2, 5
TITLE_WORDS, SENTENCE_WORDS = 5, 8  # a title has at most, a sentence at least so many
MAX_LISTED, MAX_SENTENCES = 6, 3
_LISTED_SHARE, _SHUFFLED_SHARE = 0.8, 0.2
_JOINTS = (" ", ". ", " - ", ", ", ": ")
_WORD = re.compile(r"\w+")
_SUFFIXES = (".xz", ".gz", ".txt", ".tsv")


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
        stem = stem_of(path)
        cap = round(recipe.texts_per_file * recipe.weights.get(stem, 1.0))
        every = list(_read_texts(path, recipe.tsv_columns))
        random.Random(f"{seed}:{stem}").shuffle(every)
        chosen = list(islice(_distinct(every, recipe, seen), cap))
        texts += chosen
        licence = recipe.licences.get(stem, "not stated")
        sources.append(Source(stem, len(chosen), file_sha256(path), licence))
    if len(texts) < max(MIN_TEXTS, 2 * recipe.heldout_texts):
        needed = max(MIN_TEXTS, 2 * recipe.heldout_texts)
        raise CorpusError(f"the corpus below {data} has {len(texts)} usable texts; at least {needed} are needed")
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


def normalise(text: str) -> str:
    """NFC, control characters and runs of blanks as one space, trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())


def word_key(text: str) -> bytes:
    """Equal for texts with the same words, whatever their order, case and punctuation."""
    words = sorted(set(_WORD.findall(text.casefold()))) or [text]
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def draw_queries(texts: Sequence[str], share: float, seed: int) -> dict[int, str]:
    """Draw a query from a share of the texts that are long enough.

    Words are drawn without replacement, with probability proportional to their inverse document frequency
    (Efraimidis and Spirakis' weighted reservoir keys), and keep their order.

    Returns:
        The query by the place of its text.
    """
    frequency = Counter(word for text in texts for word in {word.casefold() for word in _WORD.findall(text)})
    idf = {word: math.log(1 + len(texts) / count) for word, count in frequency.items()}
    rng = random.Random(f"queries:{seed}")
    queries: dict[int, str] = {}
    for place, text in enumerate(texts):
        if rng.random() >= share:
            continue
        words = _WORD.findall(text)
        if len(words) <= MAX_QUERY_WORDS:
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
    words = [len(text.split()) for text in texts]
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


def _distinct(texts: Iterable[str], recipe: CorpusRecipe, seen: set[bytes]) -> Iterator[str]:
    for raw in texts:
        text = normalise(raw)
        if not recipe.min_characters <= len(text) <= recipe.max_characters:
            continue
        key = word_key(text)
        if key not in seen:
            seen.add(key)
            yield text


def _read_texts(path: Path, columns: Sequence[str]) -> Iterator[str]:
    try:
        with _open(path) as file:
            lines = (line.rstrip("\n") for line in file)
            yield from _tsv_texts(path, lines, columns) if ".tsv" in path.suffixes else lines
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} can't be read as UTF-8 text: {error}") from None


def _open(path: Path) -> TextIO:
    match path.suffix:
        case ".xz":
            return lzma.open(path, "rt", encoding="utf-8")
        case ".gz":
            return gzip.open(path, "rt", encoding="utf-8")
        case _:
            return path.open(encoding="utf-8")


def _tsv_texts(path: Path, lines: Iterator[str], columns: Sequence[str]) -> Iterator[str]:
    header = next(lines, "").split("\t")
    missing = [column for column in columns if column not in header]
    if missing or not columns:
        wanted = ", ".join(missing) or "none named"
        raise CorpusError(f"{path}: corpus.tsv_columns ({wanted}) must name columns of its header: {', '.join(header)}")
    places: Mapping[str, int] = {column: header.index(column) for column in columns}
    for line in lines:
        cells = line.split("\t")
        parts = [cells[place] for place in places.values() if place < len(cells) and cells[place]]
        yield ". ".join(parts)
