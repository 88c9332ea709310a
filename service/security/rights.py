"""Rights of API keys.

    rank    rank, rerank, embed, classify, send feedback; read the info, the catalogue, and models for devices
    items   put items
    admin   replace the model that serves

No right implies another.
"""

from typing import Literal

Right = Literal["rank", "items", "admin"]
DEFAULT_RIGHTS: frozenset[Right] = frozenset({"rank", "items"})

_ITEMS = "/v1/items"
_ADMIN = "/v1/admin"


def right_for(path: str) -> Right:
    """The right that a request for a path needs."""
    if path == _ADMIN or path.startswith(f"{_ADMIN}/"):
        return "admin"
    return "items" if path == _ITEMS or path.startswith(f"{_ITEMS}/") else "rank"
