"""Putting items into the feature store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.catalogue import Item
from service.deadline import Deadline
from service.encoder.threaded import ThreadedEncoder
from service.features.base import Features


@dataclass(frozen=True)
class EmbeddedItems:
    """Items, embedded.

    Attributes:
        features: by item id.
        tokens: how many tokens the model read.
        truncated: ids of items of whose texts it read only the beginning.
    """

    features: Mapping[str, Features]
    tokens: int
    truncated: list[str]


async def embed_items(items: Sequence[Item], encoder: ThreadedEncoder) -> EmbeddedItems:
    """Embed the texts of items."""
    encoding = await encoder.encode([item.text for item in items], Deadline())
    return EmbeddedItems(
        features={
            item.id: Features.of(vector, item.text, item.category)
            for item, vector in zip(items, encoding.vectors, strict=True)
        },
        tokens=int(encoding.tokens.sum()),
        truncated=[item.id for item, cut in zip(items, encoding.truncated, strict=True) if cut],
    )
