import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

from model_build.common.errors import CorpusError
from model_build.common.systems import Role, Vectors
from model_build.tasks.mining import Draw, mine_pairs, sample_queries, sample_texts, write_pairs

TEXTS = [f"text number {place}" for place in range(40)]


class OnALine:
    """A system to which a text is the number at its end, as an angle: near numbers are near."""

    name, role, bytes, identity = "line", Role.ARTIFACT, 0, "line"

    def embed(self, texts: Sequence[str]) -> Vectors:
        angles = np.array([int(text.rpartition(" ")[2]) / 40 for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def mined(queries: Sequence[str], **changes: int) -> list[tuple[str, str]]:
    return list(mine_pairs(queries, TEXTS, OnALine(), Draw(**changes), Progress(disable=True)))


def number(text: str) -> int:
    return int(text.rpartition(" ")[2])


def test_the_nearest_text_is_drawn_and_others_near_it() -> None:
    pairs = mined(["what is 20"], near=4, far=0, depth=6)
    found = [number(text) for _, text in pairs]
    assert found[0] == 20
    assert len(set(found)) == 4
    assert all(abs(one - 20) <= 3 for one in found)


def test_far_texts_come_from_anywhere_and_no_pair_twice() -> None:
    pairs = mined([f"what is {place}" for place in range(40)], near=2, far=3, depth=4)
    assert len(set(pairs)) == len(pairs)
    distances = [abs(number(query) - number(text)) for query, text in pairs]
    assert max(distances) > 20
    assert sum(distance <= 4 for distance in distances) >= 80


def test_a_query_is_not_paired_with_itself() -> None:
    pairs = mined(["Text NUMBER 20", "text number 3"], near=3, far=40, depth=5)
    assert ("text number 3", "text number 3") not in pairs
    assert ("Text NUMBER 20", "text number 20") not in pairs


def test_equal_seeds_draw_the_same() -> None:
    assert mined(["what is 9"], near=3, far=3, seed=1) == mined(["what is 9"], near=3, far=3, seed=1)
    assert mined(["what is 9"], near=3, far=3, seed=1) != mined(["what is 9"], near=3, far=3, seed=2)


def test_few_texts_give_fewer_pairs() -> None:
    pairs = list(mine_pairs(["what is 1"], TEXTS[:3], OnALine(), Draw(near=9, far=9), Progress(disable=True)))
    assert sorted(text for _, text in pairs) == TEXTS[:3]


def test_files_give_equally_many_distinct_texts(tmp_path: Path) -> None:
    lines = [f"line {place}" for place in range(30)]
    random.Random(0).shuffle(lines)
    (tmp_path / "a.txt").write_text("\n".join([*lines, "LINE 3", "", "  "]) + "\n", encoding="utf-8")
    (tmp_path / "b.tsv").write_text("qid\tquery\n1\tone  query\n2\tanother\n", encoding="utf-8")
    (tmp_path / "c.tsv").write_text("title\ttext\nt\tbody\n", encoding="utf-8")
    drawn = sample_queries([tmp_path / "a.txt", tmp_path / "b.tsv"], 8, seed=1)
    assert sum(text.startswith("line") for text in drawn) == 4
    assert {"one query", "another"} <= set(drawn)
    assert len(sample_queries([tmp_path / "a.txt"], 100, seed=1)) == 30
    assert sample_texts([tmp_path / "c.tsv"], 5, seed=1) == ["body"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("id\n1\n", "none of the columns query, text"),
        ("query\n\n", "there are no texts in"),
        (None, "there is no file"),
    ],
)
def test_what_cannot_be_read(content: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "queries.tsv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=told):
        sample_queries([path], 5, seed=1)


def test_pairs_are_written_whole_as_a_table(tmp_path: Path) -> None:
    assert write_pairs(iter([("a query", "a text"), ("b", "c")]), tmp_path / "pairs.tsv") == 2
    assert (tmp_path / "pairs.tsv").read_text(encoding="utf-8") == "text\ttext_b\na query\ta text\nb\tc\n"
    assert write_pairs(iter(()), tmp_path / "none.tsv") == 0
