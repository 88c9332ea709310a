"""Embedding items for the feature store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.admission.deadline import Deadline
from service.encoder.batcher import Batcher
from service.feature_store.features import Features
from service.feature_store.items.item import Item
from service.process.yielding import TimeSlice


@dataclass(frozen=True)
class IndexedItems:
    """The features of items by id, and the ids of those that the model read only in part, or could not read."""

    features: Mapping[str, Features]
    tokens: int
    truncated: list[str]
    unreadable: list[str]


async def embed_items(
    items: Sequence[Item], encoder: Batcher, deadline: Deadline, *, refusable: bool = True
) -> IndexedItems:
    """Embed the texts of items.

    Raises:
        DeadlineExceededError: the deadline passed.
        OverloadedError: too many texts are queued, and these are refusable.
    """
    encoding = await encoder.encode([item.text for item in items], deadline, refusable=refusable)
    features, time_slice = {}, TimeSlice()
    for item, windows, terms, readable in zip(items, encoding.windows, encoding.terms, encoding.readable, strict=True):
        await time_slice.checkpoint()
        if readable:
            features[item.id] = Features.of(windows, item.text, terms, item.category)
    return IndexedItems(
        features=features,
        tokens=int(encoding.tokens.sum()),
        truncated=[item.id for item, cut in zip(items, encoding.truncated, strict=True) if cut],
        unreadable=[item.id for item, readable in zip(items, encoding.readable, strict=True) if not readable],
    )
