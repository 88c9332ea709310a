"""Searches of several kinds, so that no one of them decides what a word is worth: what `search` is learned from.

    msrd, homedepot                       judged queries, of which those with id % 5 = 0 are for reporting
    match_amazon_google, match_wdc_shoes  a product's title as the query, its title elsewhere as the answer
    appstream                             an application's summary as the query, its description as the answer
    corpus                                a line's title as the query, its description as the answer

Where nobody judged enough candidates, an answer stands among texts that have the query's words, as many that are near
its meaning, and others drawn by chance: lists that were hard for words alone would teach that words are not worth much.
"""

import lzma
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.errors import DataError
from model_build.evaluation.files import BENCHMARK, read_table
from model_build.evaluation.search import SEARCH_TASKS, SearchTask, reported_fifth
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.vectors import CHUNK
from model_build.ranking.requests import JudgedRequest
from model_build.ranking.search_requests import search_requests
from service.encoder.base import Encoder
from service.schemas.rank import Candidate

LISTS = 1200
"""So many lists of a domain, so that fitting takes minutes."""

CANDIDATES = 100
_NEAR = (
    4  # one in so many of the texts beside the judged ones has the query's words, one in so many is near its meaning
)
_SPLIT = "queries, id % 5 > 0"
_TITLED = re.compile(r"(?P<title>[^:]{8,60}?) - (?P<description>.{40,})")
_SHORTEST = 30  # characters of a description

Load = Callable[[Path, Encoder, int], Sequence[JudgedRequest]]


@dataclass(frozen=True)
class SearchDomain:
    """Searches of one kind.

    Attributes:
        name: shown in tables.
        load: reads them from the data folder; the encoder finds what is near in meaning, a seed draws.
    """

    name: str
    load: Load


def _judged(task: SearchTask) -> SearchDomain:
    learned = replace(task, chosen=_unreported, split=_SPLIT)

    def load(data: Path, _: Encoder, seed: int) -> Sequence[JudgedRequest]:
        return search_requests(learned.load(data, limit=LISTS, seed=seed), task.name)

    return SearchDomain(task.name, load)


def _matches(name: str) -> SearchDomain:
    def load(data: Path, encoder: Encoder, seed: int) -> Sequence[JudgedRequest]:
        path = data / BENCHMARK / "pairs" / name / "train.tsv.xz"
        answers: dict[str, set[str]] = {}
        others: dict[str, set[str]] = {}
        for label, left, right in read_table(path, ("label", "text_a", "text_b")):
            (answers if label == "1" else others).setdefault(left, set()).add(right)
        return _composed(name, answers, others, encoder, seed)

    return SearchDomain(name, load)


def _applications() -> SearchDomain:
    name = "appstream"

    def load(data: Path, encoder: Encoder, seed: int) -> Sequence[JudgedRequest]:
        rows = read_table(data / "catalogue" / "appstream" / "apps.tsv.xz", ("summary", "description"))
        return _described(name, rows, encoder, seed)

    return SearchDomain(name, load)


def _titled_lines() -> SearchDomain:
    name = "corpus"

    def load(data: Path, encoder: Encoder, seed: int) -> Sequence[JudgedRequest]:
        path = data / "corpus" / "appstream.txt.xz"
        try:
            lines = lzma.decompress(path.read_bytes()).decode().split("\n")
        except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
            raise DataError(f"{path} can't be read as xz-compressed UTF-8: {error}") from None
        found = [match for line in lines if (match := _TITLED.fullmatch(line))]
        return _described(name, [(one["title"], one["description"]) for one in found], encoder, seed)

    return SearchDomain(name, load)


def _described(name: str, rows: Sequence[tuple[str, ...]], encoder: Encoder, seed: int) -> Sequence[JudgedRequest]:
    answers: dict[str, set[str]] = {}
    for title, description in rows:
        if title and len(description) >= _SHORTEST:
            answers.setdefault(title, set()).add(description)
    if not answers:
        raise DataError(f"{name} has no titles with descriptions")
    return _composed(name, answers, {}, encoder, seed)


def _composed(
    name: str, answers: Mapping[str, set[str]], others: Mapping[str, set[str]], encoder: Encoder, seed: int
) -> Sequence[JudgedRequest]:
    """Lists of `CANDIDATES` texts, or as many as were judged.

    Args:
        name: of the domain.
        answers: by query.
        others: by query, what was judged to be no answer.
        encoder: tells what is near in meaning.
        seed: of the draws.
    """
    draw = np.random.default_rng(seed)
    queries = sorted(answers)
    chosen = [queries[place] for place in sorted(draw.permutation(len(queries))[:LISTS].tolist())]
    pool = sorted({text for one in chosen for text in (*answers[one], *others.get(one, ()))})
    index, vectors, asked = BM25System().index(pool), _vectors(pool, encoder), _vectors(chosen, encoder)
    requests = []
    for query, vector in zip(chosen, asked, strict=True):
        right, wrong = sorted(answers[query]), sorted(others.get(query, set()) - answers[query])
        room = max(0, CANDIDATES - len(right) - len(wrong))
        judged = {*right, *wrong}
        spare = [
            [text for text in (pool[place] for place in places) if text not in judged]
            for places in (
                np.argsort(-index.scores(query), kind="stable")[: CANDIDATES + len(judged)].tolist(),
                np.argsort(-(vectors @ vector), kind="stable")[: CANDIDATES + len(judged)].tolist(),
                draw.choice(len(pool), min(2 * CANDIDATES + len(judged), len(pool)), replace=False).tolist(),
            )
        ]
        near = [*spare[0][: room // _NEAR], *spare[1][: room // _NEAR]]
        texts = [*right, *wrong, *list(dict.fromkeys([*near, *spare[2]]))[:room]]
        gains = np.zeros(len(texts))
        gains[: len(right)] = 1.0
        requests.append(
            JudgedRequest(
                query=query,
                history=(),
                candidates=[Candidate(id=str(place), text=text) for place, text in enumerate(texts)],
                gains=gains,
                group=f"{name} {query}",
                source=name,
            )
        )
    return requests


def _vectors(texts: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    return np.concatenate(
        [encoder.encode(texts[start : start + CHUNK]).vectors for start in range(0, len(texts), CHUNK)]
    )


def _unreported(key: str) -> bool:
    return not reported_fifth(key)


SEARCH_DOMAINS = (
    _judged(SEARCH_TASKS[0]),
    _judged(SEARCH_TASKS[1]),
    _matches("match_amazon_google"),
    _matches("match_wdc_shoes"),
    _applications(),
    _titled_lines(),
)
