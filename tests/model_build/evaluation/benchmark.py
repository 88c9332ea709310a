"""A made-up benchmark folder, small enough to work out by hand."""

import lzma
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model_build.common.systems import Role, Vectors, unit_rows

WORDS = ("red", "green", "blue", "cat", "dog", "car")


class FakeSystem:
    """Counts six words; everything else is nothing to it."""

    role = Role.ARTIFACT
    bytes = 1_900_000

    def __init__(self, name: str = "fake", role: Role = Role.ARTIFACT) -> None:
        self.name = name
        self.role = role
        self.identity = f"fake {name}"
        self.calls: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(list(texts))
        counts = [[re.findall(r"\w+", text.lower()).count(word) for word in WORDS] for text in texts]
        return unit_rows(np.array(counts, dtype=np.float32).reshape(len(texts), len(WORDS)))


def write_table(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(("\n".join("\t".join(line.split("|")) for line in lines) + "\n").encode()))


def write_search(data: Path, name: str = "msrd") -> None:
    folder = data / "benchmark" / "search" / name
    write_table(
        folder / "docs.tsv.xz",
        "doc_id|title|year|genres|tags|director|actors5|overview",
        "1|red||cat||||",
        "2|green||dog||||",
        "3|blue||car||||",
    )
    write_table(folder / "queries.tsv.xz", "qid|query", "5|red", "10|green dog", "15|nothing relevant", "6|blue")
    write_table(
        folder / "qrels.tsv.xz",
        "qid|doc_id|grade",
        "5|1|0",
        "5|2|1",
        "5|3|0",
        "5|999|1",
        "10|2|1",
        "10|3|0",
        "15|1|0",
        "6|3|1",
        "6|1|0",
    )


def write_pairs(data: Path, name: str = "stsb", split: str = "test") -> None:
    write_table(
        data / "benchmark" / "pairs" / name / f"{split}.tsv.xz",
        "label|text_a|text_b",
        "5|red cat|red cat",
        "3|red cat|red dog",
        "0|red cat|blue car",
    )


def write_language(data: Path, name: str = "trec6") -> None:
    folder = data / "benchmark" / "language" / name
    write_table(folder / "train.tsv.xz", "label|text", "pet|cat", "pet|dog", "thing|car", "thing|red car")
    write_table(folder / "test.tsv.xz", "label|text", "pet|Cat dog", "thing|car", "pet|blue car")


def write_behaviour(data: Path, name: str = "online_retail") -> None:
    """One user whose target is second to one popular negative and first among uniform ones."""
    folder = data / "benchmark" / "behaviour" / name
    items = ["0|red cat", "1|red cat dog", "2|red cat", "3|blue", "4|car"]
    items += [f"{number}|red cat cat" for number in range(5, 16)]
    write_table(folder / "items.tsv.xz", "item_id|title", *items)
    closer = " ".join(str(number) for number in range(5, 16))
    write_table(
        folder / "rerank_test.tsv.xz",
        "user|history_item_ids_old_to_new|target_item_id|neg99_uniform|neg99_popularity",
        f"u|3 0|1|3 4|{closer}",
        f"v|4 0|2|3 4|{closer}",
    )
