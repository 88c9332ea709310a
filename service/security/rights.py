"""What an API key may do.

    rank    rank, rerank, embed, classify, send feedback; read what is served: info, catalogue, models for devices
    items   put items
    admin   have another model serve

None of them implies another.
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
