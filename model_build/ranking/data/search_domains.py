"""Training searches of several domains, so that none of them alone determines the weights of `search`.

    msrd, homedepot                       judged queries without the reported ones (id % 5 = 0)
    match_amazon_google, match_wdc_shoes  a product's title as the query, its title elsewhere as the answer
    appstream                             an application's summary as the query, its description as the answer
    corpus                                a line's title as the query, its description as the answer

Lists with too few judged candidates are filled with random texts of the same domain. Hard negatives, which share words
with the query or are close in meaning, would bias the weights against words or against meaning.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model_build.common.errors import DataError
from model_build.common.tsv import read_lines, read_table
from model_build.evaluation.tasks.base import BENCHMARK
from model_build.evaluation.tasks.search import SEARCH_TASKS, SearchTask, reported_fifth, unreported
from model_build.ranking.data.requests import JudgedRequest
from model_build.ranking.data.search_requests import search_requests
from service.api.schemas.rank import Candidate

LISTS = 1200
"""Maximal number of lists of a domain, so that fitting takes minutes."""

CANDIDATES = 100
_SPLIT = "queries, id % 5 > 0"
_TITLED = re.compile(r"(?P<title>[^:]{8,60}?) - (?P<description>.{40,})")
_SHORTEST = 30  # characters of a description

Load = Callable[[Path, int], Sequence[JudgedRequest]]


@dataclass(frozen=True)
class SearchDomain:
    """Searches of one kind, read from the data folder with a seed for the draws."""

    name: str
    load: Load


def _judged(task: SearchTask) -> SearchDomain:
    learned = replace(task, chosen=unreported, split=_SPLIT)

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


def _applications(data: Path, seed: int) -> Sequence[JudgedRequest]:
    rows = read_table(data / "catalogue" / "appstream" / "apps.tsv.xz", ("summary", "description"))
    return _described("appstream", rows, seed)


def _titled_lines(data: Path, seed: int) -> Sequence[JudgedRequest]:
    lines = read_lines(data / "corpus" / "appstream.txt.xz")
    found = [match for line in lines if (match := _TITLED.fullmatch(line))]
    return _described("corpus", [(one["title"], one["description"]) for one in found], seed)


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
    """Make lists of `CANDIDATES` texts, or of all judged texts if there are more.

    Answers and others are the texts judged relevant and irrelevant, by query.
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


JUDGED_DOMAINS = tuple(_judged(task) for task in SEARCH_TASKS if task.chosen is reported_fifth)
SEARCH_DOMAINS = (
    *JUDGED_DOMAINS,
    _matches("match_amazon_google"),
    _matches("match_wdc_shoes"),
    SearchDomain("appstream", _applications),
    SearchDomain("corpus", _titled_lines),
)
