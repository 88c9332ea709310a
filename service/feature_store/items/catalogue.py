"""Catalogue files: JSON lines of `{"id", "title", "description"?, "category"?}` or `{"id", "text", "category"?}`."""

from pathlib import Path

from pydantic import ValidationError

from service.feature_store.items.item import Item, ItemDescription
from service.files.regular import explained
from service.user_error import UserError


class CatalogueError(UserError):
    """A catalogue can't be read."""


def read_catalogue(path: Path) -> list[Item]:
    """Read a catalogue; blank lines are skipped.

    Raises:
        CatalogueError: the file can't be read, a line is not an item, or two lines have the same id.
    """
    with explained(path, CatalogueError):
        lines = path.read_text(encoding="utf-8").split("\n")
    items: dict[str, Item] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = ItemDescription.model_validate_json(line).item()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            reason = f"{where}: {first['msg']}" if where else first["msg"]
            raise CatalogueError(f"{path}, line {number}: {reason}") from None
        if item.id in items:
            raise CatalogueError(f"{path}, line {number}: an earlier line has the same id")
        items[item.id] = item
    if not items:
        raise CatalogueError(f"{path} holds no items")
    return list(items.values())
