"""Searches of several kinds, so that no one of them decides what a word is worth: what `search` is learned from.

    msrd, homedepot                       judged queries, of which those with id % 5 = 0 are for reporting
    match_amazon_google, match_wdc_shoes  a product's title as the query, its title elsewhere as the answer
    appstream                             an application's summary as the query, its description as the answer
    corpus                                a line's title as the query, its description as the answer

Where nobody judged enough candidates, an answer stands among texts of the same domain that are drawn by chance. Texts
that have the query's words, or are near its meaning, would make lists hard for words, or for meaning, and teach that
the one or the other is not worth much.
"""

import lzma
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model_build.evaluation.errors import DataError
from model_build.evaluation.files import BENCHMARK, read_table
from model_build.evaluation.tasks.search import SEARCH_TASKS, SearchTask, reported_fifth
from model_build.ranking.data.requests import JudgedRequest
from model_build.ranking.data.search_requests import search_requests
from service.api.schemas.rank import Candidate

LISTS = 1200
"""So many lists of a domain, so that fitting takes minutes."""

CANDIDATES = 100
_NEAR = (
    4  # one in so many of the texts beside the judged ones has the query's words, one in so many is near its meaning
)
_SPLIT = "queries, id % 5 > 0"
_TITLED = re.compile(r"(?P<title>[^:]{8,60}?) - (?P<description>.{40,})")
_SHORTEST = 30  # characters of a description

Load = Callable[[Path, int], Sequence[JudgedRequest]]


@dataclass(frozen=True)
class SearchDomain:
    """Searches of one kind.

    Attributes:
        name: shown in tables.
        load: reads them from the data folder, drawn with a seed.
    """

    name: str
    load: Load


def _judged(task: SearchTask) -> SearchDomain:
    learned = replace(task, chosen=_unreported, split=_SPLIT)

    def load(data: Path, seed: int) -> Sequence[JudgedRequest]:
        return search_requests(learned.load(data, limit=LISTS, seed=seed), task.name)

    return SearchDomain(task.name, load)


def _matches(name: str) -> SearchDomain:
    def load(data: Path, seed: int) -> Sequence[JudgedRequest]:
        path = data / BENCHMARK / "pairs" / name / "train.tsv.xz"
        answers: dict[str, set[str]] = {}
        others: dict[str, set[str]] = {}
        for label, left, right in read_table(path, ("label", "text_a", "text_b")):
            (answers if label == "1" else others).setdefault(left, set()).add(right)
        return _composed(name, answers, others, seed)

    return SearchDomain(name, load)


def _applications() -> SearchDomain:
    name = "appstream"

    def load(data: Path, seed: int) -> Sequence[JudgedRequest]:
        rows = read_table(data / "catalogue" / "appstream" / "apps.tsv.xz", ("summary", "description"))
        return _described(name, rows, seed)

    return SearchDomain(name, load)


def _titled_lines() -> SearchDomain:
    name = "corpus"

    def load(data: Path, seed: int) -> Sequence[JudgedRequest]:
        path = data / "corpus" / "appstream.txt.xz"
        try:
            lines = lzma.decompress(path.read_bytes()).decode().split("\n")
        except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
            raise DataError(f"{path} can't be read as xz-compressed UTF-8: {error}") from None
        found = [match for line in lines if (match := _TITLED.fullmatch(line))]
        return _described(name, [(one["title"], one["description"]) for one in found], seed)

    return SearchDomain(name, load)


def _described(name: str, rows: Sequence[tuple[str, ...]], seed: int) -> Sequence[JudgedRequest]:
    answers: dict[str, set[str]] = {}
    for title, description in rows:
        if title and len(description) >= _SHORTEST:
            answers.setdefault(title, set()).add(description)
    if not answers:
        raise DataError(f"{name} has no titles with descriptions")
    return _composed(name, answers, {}, seed)


def _composed(
    name: str, answers: Mapping[str, set[str]], others: Mapping[str, set[str]], seed: int
) -> Sequence[JudgedRequest]:
    """Lists of `CANDIDATES` texts, or as many as were judged.

    Args:
        name: of the domain.
        answers: by query.
        others: by query, what was judged to be no answer.
        seed: of the draws.
    """
    draw = np.random.default_rng(seed)
    queries = sorted(answers)
    chosen = [queries[place] for place in sorted(draw.permutation(len(queries))[:LISTS].tolist())]
    pool = sorted({text for one in chosen for text in (*answers[one], *others.get(one, ()))})
    requests = []
    for query in chosen:
        right, wrong = sorted(answers[query]), sorted(others.get(query, set()) - answers[query])
        judged = {*right, *wrong}
        places = draw.choice(len(pool), min(CANDIDATES + len(judged), len(pool)), replace=False).tolist()
        drawn = [pool[place] for place in places if pool[place] not in judged]
        texts = [*right, *wrong, *drawn[: max(0, CANDIDATES - len(judged))]]
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


def _unreported(key: str) -> bool:
    return not reported_fifth(key)


JUDGED_DOMAINS = tuple(_judged(task) for task in SEARCH_TASKS if task.chosen is reported_fifth)
SEARCH_DOMAINS = (
    *JUDGED_DOMAINS,
    _matches("match_amazon_google"),
    _matches("match_wdc_shoes"),
    _applications(),
    _titled_lines(),
)
