from pathlib import Path

import pytest

from service.feature_store.items.catalogue import CatalogueError, read_catalogue
from service.feature_store.items.item import Item


def write(folder: Path, content: str) -> Path:
    path = folder / "items.jsonl"
    path.write_bytes(content.encode())
    return path


def test_items_are_read_in_order(tmp_path: Path) -> None:
    lines = (
        '{"id": "a", "title": "Taxi", "description": "Call a car\u2028now", "category": "travel"}\r\n'
        "\n"
        '{"id": "b", "text": "Only a text"}'
    )
    assert read_catalogue(write(tmp_path, lines)) == [
        Item("a", "Taxi", "Taxi. Call a car\u2028now", "travel"),
        Item("b", "Only a text", "Only a text", None),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no items"),
        ("{", "line 1"),
        ('{"id": "a", "text": "x"}\n{"id": "b"}', "line 2: Value error, an item needs"),
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "line 2: an earlier line has the same id"),
        ('{"id": "a", "text": "x", "titel": "y"}', "line 1: titel"),
    ],
)
def test_what_is_not_a_catalogue_is_reported_by_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message) as caught:
        read_catalogue(write(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="No such file"):
        read_catalogue(tmp_path / "none")
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(CatalogueError, match="UTF-8"):
        read_catalogue(tmp_path / "latin")
