from pathlib import Path

import numpy as np

from model_build.evaluation.cache import CHUNK, DistinctTexts, VectorCache
from tests.model_build.evaluation.benchmark import FakeSystem


def test_each_distinct_text_is_embedded_once_and_rows_keep_their_order() -> None:
    system = FakeSystem()
    vectors = DistinctTexts(system).embed(["green dog", "red", "green dog"])
    assert system.calls == [["red", "green dog"]]
    assert np.array_equal(vectors, FakeSystem().embed(["green dog", "red", "green dog"]))


def test_no_text_gives_no_row() -> None:
    assert DistinctTexts(FakeSystem()).embed([]).shape == (0, 6)


def test_progress_is_reported_after_each_chunk() -> None:
    told: list[tuple[int, int]] = []
    texts = [f"text {number}" for number in range(CHUNK + 1)]
    DistinctTexts(FakeSystem(), advance=lambda done, total: told.append((done, total))).embed(texts)
    assert told == [(CHUNK, CHUNK + 1), (CHUNK + 1, CHUNK + 1)]


def test_vectors_are_read_from_the_cache(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors")
    first, again = FakeSystem(), FakeSystem()
    vectors = DistinctTexts(first, cache).embed(["red", "dog"])
    assert np.array_equal(DistinctTexts(again, cache).embed(["red", "dog"]), vectors)
    assert again.calls == []
    assert [path.suffix for path in (tmp_path / "vectors").iterdir()] == [".npy"]


def test_another_model_or_text_misses_the_cache(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    DistinctTexts(FakeSystem(), cache).embed(["red"])
    other, longer = FakeSystem("other"), FakeSystem()
    DistinctTexts(other, cache).embed(["red"])
    DistinctTexts(longer, cache).embed(["red", "dog"])
    assert other.calls
    assert longer.calls
