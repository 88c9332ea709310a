import json
import re
from collections import Counter
from pathlib import Path

import pytest

CATALOGUE = Path(__file__).resolve().parents[2] / "service" / "assets" / "demo_catalogue.jsonl"
KEBAB_CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@pytest.fixture(scope="module")
def items() -> list[dict[str, str]]:
    return [json.loads(line) for line in CATALOGUE.read_text(encoding="utf-8").splitlines()]


def test_catalogue_holds_at_least_300_items(items: list[dict[str, str]]) -> None:
    assert len(items) >= 300


def test_every_item_has_exactly_the_four_keys(items: list[dict[str, str]]) -> None:
    assert [item for item in items if set(item) != {"id", "title", "description", "category"}] == []


def test_every_text_is_non_empty_and_trimmed(items: list[dict[str, str]]) -> None:
    texts = [text for item in items for text in item.values()]
    assert [text for text in texts if not isinstance(text, str) or not text or text != text.strip()] == []


def test_ids_are_unique(items: list[dict[str, str]]) -> None:
    counts = Counter(item["id"] for item in items)
    assert [item_id for item_id, count in counts.items() if count > 1] == []


def test_ids_are_kebab_case(items: list[dict[str, str]]) -> None:
    assert [item["id"] for item in items if not KEBAB_CASE.fullmatch(item["id"])] == []


def test_titles_differ(items: list[dict[str, str]]) -> None:
    counts = Counter(item["title"].casefold() for item in items)
    assert [title for title, count in counts.items() if count > 1] == []


def test_every_category_has_at_least_eight_items(items: list[dict[str, str]]) -> None:
    counts = Counter(item["category"] for item in items)
    assert {category: count for category, count in counts.items() if count < 8} == {}
