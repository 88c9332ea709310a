"""Putting items into the feature store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.catalogue import Item
from service.deadline import Deadline
from service.encoder.batcher import Batcher
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


async def embed_items(
    items: Sequence[Item], encoder: Batcher, deadline: Deadline, *, refusable: bool = True
) -> EmbeddedItems:
    """Embed the texts of items.

    Raises:
        DeadlineExceededError: the deadline passed.
        OverloadedError: too many texts wait to be embedded, and these are refusable.
    """
    encoding = await encoder.encode([item.text for item in items], deadline, refusable=refusable)
    return EmbeddedItems(
        features={
            item.id: Features.of(vector, item.text, terms, item.category)
            for item, vector, terms in zip(items, encoding.vectors, encoding.terms, strict=True)
        },
        tokens=int(encoding.tokens.sum()),
        truncated=[item.id for item, cut in zip(items, encoding.truncated, strict=True) if cut],
    )
