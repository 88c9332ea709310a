"""Made-up sets to learn a ranking from and to measure it on, and made-up logs."""

import json
from pathlib import Path

import numpy as np

from model_build.ranking.behaviour_set import LEARNED, BehaviourSet
from model_build.ranking.lists import JudgedList
from service.ranking.signals import SIGNALS
from tests.model_build.evaluation.benchmark import write_table

WORDS = ("split", "bill", "dinner", "taxi", "ride", "phone")
ITEMS = [f"{number}|{WORDS[number % 6]} {WORDS[number // 6]}" for number in range(36)]
DAY = 86_400


def write_ranking_data(data: Path) -> None:
    """Every set that weights are learned from and measured on; users keep to one word."""
    _write_films(data)
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
    judgements = [f"{query}|{(query + step) % 36}|{int(step == 0)}" for query in range(36) for step in range(8)]
    write_table(folder / "qrels.tsv.xz", "qid|doc_id|grade", *judgements)


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
