from pathlib import Path

import pytest

from service.impressions.shared_memory import ITEMS_PER_ANSWER, SharedImpressions


def test_what_one_has_shown_the_other_knows(tmp_path: Path) -> None:
    one, other = SharedImpressions(tmp_path / "f", 10), SharedImpressions(tmp_path / "f", 10)
    one.put("r-1", ["a", "b"])
    assert other.has("r-1", "a")
    assert other.has("r-1", "b")
    assert not other.has("r-1", "c")
    assert not other.has("r-2", "a")
    assert len(other) == 1


def test_the_oldest_answers_are_forgotten_first(tmp_path: Path) -> None:
    one, other = SharedImpressions(tmp_path / "f", 50), SharedImpressions(tmp_path / "f", 50)
    for number in range(1000):
        (one, other)[number % 2].put(f"r-{number}", [f"i-{number}", "x"])
        oldest = max(0, number - 49)
        assert one.has(f"r-{oldest}", f"i-{oldest}")
        assert not one.has(f"r-{number - 50}", f"i-{number - 50}")
    assert len(one) == 50
    assert all(other.has(f"r-{number}", f"i-{number}") for number in range(950, 1000))


def test_the_latest_answer_to_a_request_counts(tmp_path: Path) -> None:
    memory = SharedImpressions(tmp_path / "f", 10)
    memory.put("r-1", ["a"])
    memory.put("r-1", ["b"])
    assert memory.has("r-1", "b")
    assert not memory.has("r-1", "a")


def test_answers_that_show_very_much_push_others_out_and_are_not_taken_for_them(tmp_path: Path) -> None:
    memory = SharedImpressions(tmp_path / "f", 4)
    memory.put("small", ["a"])
    for number in range(3):
        memory.put(f"large-{number}", [f"{number}-{item}" for item in range(2 * ITEMS_PER_ANSWER)])
    assert not memory.has("small", "a")
    assert not memory.has("large-0", "0-0")
    assert memory.has("large-1", "1-0")
    assert memory.has("large-2", f"2-{2 * ITEMS_PER_ANSWER - 1}")


def test_an_answer_that_shows_nothing(tmp_path: Path) -> None:
    memory = SharedImpressions(tmp_path / "f", 4)
    memory.put("r", [])
    assert not memory.has("r", "a")
    assert len(memory) == 1


@pytest.mark.parametrize("item", ["", "a", "é", "x" * 500])
def test_nothing_is_remembered_of_none(tmp_path: Path, item: str) -> None:
    memory = SharedImpressions(tmp_path / "f", 0)
    memory.put("r", [item])
    assert not memory.has("r", item)
    assert len(memory) == 0
