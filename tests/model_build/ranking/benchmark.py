"""Made-up sets to learn a ranking from and to measure it on, and made-up logs."""

import json
import lzma
from pathlib import Path

import numpy as np

from model_build.ranking.data.behaviour_set import LEARNED, BehaviourSet
from model_build.ranking.data.lists import JudgedList
from service.ranking.signals import SIGNALS
from tests.model_build.evaluation.benchmark import write_table

WORDS = ("split", "bill", "dinner", "taxi", "ride", "phone")
ITEMS = [f"{number}|{WORDS[number % 6]} {WORDS[number // 6]}" for number in range(36)]
DAY = 86_400


def write_ranking_data(data: Path) -> None:
    """Every set that weights are learned from and measured on; users keep to one word."""
    _write_films(data)
    _write_collection(data, "homedepot", "title", "relevance_1to3", grades=(3, 1))
    for name in ("cranfield", "vaswani"):
        _write_collection(data, name, "text", "rel", grades=(1, 0))
    for name in ("match_amazon_google", "match_wdc_shoes"):
        _write_matches(data, name)
    _write_titles(data)
    for one in LEARNED:
        _write_behaviour(data, one)


def write_log(
    folder: Path, requests: int, *, situation: str = "search", name: str = "ranking.jsonl", prefix: str = "r"
) -> Path:
    """A log in which what covers the query is clicked, and every fifth time what is popular; returns the file."""
    lines: list[dict[str, object]] = []
    for number in range(requests):
        results = [
            {
                "item": str(item),
                "rank": item + 1,
                "signals": {"query_overlap": float(item == number % 3), "popularity": float(item == number % 2)},
            }
            for item in range(3)
        ]
        one = {"at": 1.0, "request_id": f"{prefix}{number}"}
        lines.append({"kind": "outcome", **one, "item": str(number % (3 if number % 5 else 2)), "action": "click"})
        shown = {"model": "m", "situation": situation, "ranker": "fused", "variant": None, "results": results}
        lines.append({"kind": "impression", **one, **shown})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def judged(gains: list[float], *, group: str = "q", source: str = "set", **signals: list[float]) -> JudgedList:
    """A list with some signals; the others are unknown."""
    unknown = [np.nan] * len(gains)
    columns = np.array([signals.get(name, unknown) for name in SIGNALS], dtype=np.float64).T
    return JudgedList(columns, np.array(gains), group, source)


def _write_films(data: Path) -> None:
    folder = data / "benchmark" / "search" / "msrd"
    header = "doc_id|title|year|genres|tags|director|actors5|overview"
    write_table(folder / "docs.tsv.xz", header, *(f"{item}||||||" for item in ITEMS))
    queries = [f"{number}|{WORDS[number % 6]} {WORDS[number // 6]}" for number in range(36)]
    write_table(folder / "queries.tsv.xz", "qid|query", *queries)
    judgements = [f"{query}|{(query + step) % 36}|{int(step % 3 == 0)}" for query in range(36) for step in range(8)]
    write_table(folder / "qrels.tsv.xz", "qid|doc_id|grade", *judgements)


def _write_collection(data: Path, name: str, column: str, grade: str, *, grades: tuple[int, int]) -> None:
    """Three of eight judged documents are relevant."""
    folder = data / "benchmark" / "search" / name
    write_table(folder / "docs.tsv.xz", f"doc_id|{column}", *ITEMS)
    queries = [f"{number}|{WORDS[number % 6]} {WORDS[number // 6]}" for number in range(36)]
    write_table(folder / "queries.tsv.xz", "qid|query", *queries)
    judgements = [
        f"{query}|{(query + step) % 36}|{grades[0] if step % 3 == 0 else grades[1]}"
        for query in range(36)
        for step in range(8)
    ]
    write_table(folder / "qrels.tsv.xz", f"qid|doc_id|{grade}", *judgements)


def _write_matches(data: Path, name: str) -> None:
    rows = [
        f"{int(step == 0)}|{WORDS[number % 6]} {number}|{WORDS[(number + step) % 6]} no {number}"
        for number in range(12)
        for step in range(3)
    ]
    write_table(data / "benchmark" / "pairs" / name / "train.tsv.xz", "label|text_a|text_b", *rows)


def _write_titles(data: Path) -> None:
    """Titles whose descriptions have their words: of applications, and of lines of the corpus."""
    described = [
        f"{WORDS[number % 6]} a {WORDS[number // 6]}|You {WORDS[number % 6]} it by {WORDS[number // 6]}, all of it"
        for number in range(36)
    ]
    write_table(data / "catalogue" / "appstream" / "apps.tsv.xz", "summary|description", *described)
    lines = [f"{title} of the user - {text} of it all" for title, _, text in (one.partition("|") for one in described)]
    path = data / "corpus" / "appstream.txt.xz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress("\n".join([*lines, "a line without a title", ""]).encode()))


def _write_behaviour(data: Path, one: BehaviourSet) -> None:
    folder = data / "benchmark" / "behaviour" / one.name
    columns = ["item_id", "title", "author", "genres", "brand"]
    write_table(folder / "items.tsv.xz", "|".join(columns), *(f"{item}||{WORDS[0]}, x|y" for item in ITEMS))
    histories = {user: [(user % 6) * 6 + step for step in range(6)] for user in range(12)}
    tests, sequences, rows = [], [], []
    for user, items in histories.items():
        *history, target = (str(item) for item in items)
        others = " ".join(str(item) for item in range(36) if item not in items)
        tests.append(f"u{user}|{' '.join(history)}|{target}|{others}|{others}")
        sequences.append(f"v{user}|{' '.join(history[:-1])}|{history[-1]}")
        for step, item in enumerate(items):
            rating = [] if one.rating is None else ["5"]
            time = [str((user + step) * DAY)] if one.timed else []
            rows.append("|".join([f"u{user}", str(item), *rating, *time]))
    header = "user|history_item_ids_old_to_new|target_item_id"
    write_table(folder / "rerank_test.tsv.xz", f"{header}|neg99_uniform|neg99_popularity", *tests)
    if one.sequences:
        write_table(folder / f"{one.sequences}.tsv.xz", header, *sequences)
        return
    named = ["user", "item_id", *([one.rating] if one.rating else []), *(["ts"] if one.timed else [])]
    write_table(folder / "interactions.tsv.xz", "|".join(named), *rows)
