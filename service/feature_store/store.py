"""The feature store of one encoder: items by id, and texts of ranking requests by digest.

A ranking request never changes an item: features of its texts are stored under the texts alone.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.admission.deadline import Deadline
from service.encoder.base import Encoder
from service.feature_store.codec import unpack
from service.feature_store.expiry import Lifetime
from service.feature_store.features import Features, digest_of
from service.feature_store.items.item import Item
from service.feature_store.items.record import Record, Seen, encoder_key, lacks, see, source_of, unpack_record
from service.feature_store.items.redis import RedisItems
from service.feature_store.items.store import ItemStore, LocalItems, StoreFailedError, item_key
from service.feature_store.memory import Entry, Memory
from service.feature_store.shared.tier import SharedTier
from service.feature_store.shared.write_behind import WriteBehind
from service.metrics.registry import Metrics
from service.text.cleaning import MAX_CHARACTERS

_SHARE_OF_TIME = 0.5
"""Share of the remaining time that a lookup may take: misses must be embedded in the rest."""
_REVISION_CHARS = 16


@dataclass
class Lookup:
    """What is found by a lookup at a moment of the store's clock: features of items by id, and of texts by digest.

    Unknown items and those that the encoder can't read are absent; those that it has yet to read are `unread`. The
    lookup is `complete` if every tier answered.
    """

    at: float
    items: dict[str, Features] = field(default_factory=dict)
    texts: dict[bytes, Features] = field(default_factory=dict)
    unread: dict[str, Record] = field(default_factory=dict)
    complete: bool = True

    def add(self, item_id: str, features: Features | None) -> None:
        """Add the features of an item, if there are any."""
        if features is not None:
            self.items[item_id] = features


@dataclass(frozen=True)
class Tiers:
    """The tiers below the in-process memory, for all encoders; `local` is the items' store if it is on this machine."""

    items: ItemStore
    local: LocalItems | None = None
    shared: SharedTier | None = None
    writer: WriteBehind | None = None


class FeatureStore:
    """Features of one encoder, in memory and the tiers below."""

    def __init__(
        self,
        encoder: Encoder,
        tiers: Tiers,
        metrics: Metrics,
        *,
        capacity: int,
        lifetime: Lifetime,
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with an empty memory, for up to `capacity` items and texts, and a `prefix` of keys in Redis.

        The lifetime is that of entries in memory; items that are stored on this machine don't expire.
        """
        self._encoder, self._dimension = encoder_key(encoder.revision), encoder.dimension
        self._revision = encoder.revision
        self._texts_begin = f"{prefix}:" * bool(prefix) + f"{encoder.revision[:_REVISION_CHARS]}:t:"
        self._tiers, self._lifetime, self._clock = tiers, lifetime, clock
        self._memory = Memory(metrics, capacity=capacity)
        self._pinned: dict[str, Features] = {}
        self._unchanged: dict[str, float] = {}
        self._reports = False
        self._lookups = metrics.cache_lookups

    def __len__(self) -> int:
        return len(self._memory) + len(self._pinned)

    async def look_up(self, ids: Sequence[str], texts: Sequence[bytes], deadline: Deadline) -> Lookup:
        """Look up items by id and texts by digest, with one call of each tier; ids and digests are distinct.

        A tier that takes too long for the deadline is given up.
        """
        found = Lookup(self._clock())
        item_clock = self._item_clock(found.at)
        lacking_ids = [one for one in ids if not self._recall(one, item_clock, found)]
        lacking_texts = [one for one in texts if not self._recall_text(one, found)]
        self._lookups.labels("memory", "hit").inc(len(ids) + len(texts) - len(lacking_ids) - len(lacking_texts))
        self._lookups.labels("memory", "miss").inc(len(lacking_ids) + len(lacking_texts))
        if lacking_ids and self._tiers.local is not None:
            self._look_up_local(self._tiers.local, lacking_ids, item_clock, found)
            lacking_ids = []
        if (lacking_ids or lacking_texts) and self._tiers.shared is not None:
            await self._look_up_shared(self._tiers.shared, lacking_ids, lacking_texts, deadline, found)
        return found

    async def put_items(self, items: Sequence[Item], features: Mapping[str, Features]) -> bool:
        """Store items, replacing those with the same ids; those that the encoder can't read have no features.

        Returns:
            Whether the item store has them; if not, only this process does.

        Raises:
            StoreFullError: the item store has no room; nothing is stored.
        """
        records = {
            item_key(one.id): Record.of(one.text[:MAX_CHARACTERS], one.category, self._revision, features.get(one.id))
            for one in items
        }
        complete = True
        until = self._until(self._clock())  # as of before the write, so that concurrent writes are seen
        try:
            await self._tiers.items.put_many(records)
        except StoreFailedError:
            complete = False
        else:
            until += self._tiers.local is not None  # this write is one change
        for item, record in zip(items, records.values(), strict=True):
            self._memory.put(item.id, Entry(features.get(item.id), until, record.source))
            self._unchanged.pop(item.id, None)
        return complete

    def keep_texts(self, texts: Mapping[bytes, Features]) -> None:
        """Keep the features of texts, by digest: in memory at once, in Redis in the background."""
        now = self._clock()
        for digest, features in texts.items():
            self._memory.put(digest, Entry(features, now + self._lifetime.draw()))
        if self._tiers.writer is not None:
            self._tiers.writer.put({self._name(digest): features for digest, features in texts.items()})

    def unread(self, packed: Mapping[bytes, bytes]) -> Mapping[bytes, Record]:
        """The records, of some packed ones, that this encoder has not read yet."""
        records = {key: unpack_record(one) for key, one in packed.items() if lacks(one, self._encoder)}
        return {key: one for key, one in records.items() if one is not None}

    def pin(self, items: Mapping[str, Features]) -> None:
        """Keep items for as long as the process lives, unless clients replace them."""
        self._pinned.update(items)
        self._report()

    def pins(self, item_id: str) -> bool:
        """Whether an item is pinned."""
        return item_id in self._pinned

    def report(self, *, on: bool) -> None:
        """Report the number of entries as a metric, or stop."""
        self._reports = on
        self._report()

    def _report(self) -> None:
        self._memory.report(on=self._reports, pinned=len(self._pinned))

    def _item_clock(self, now: float) -> float:
        """The clock by which items in memory expire: the version of a store on this machine, else the time."""
        return now if self._tiers.local is None else self._tiers.local.version

    def _until(self, now: float) -> float:
        """When, by that clock, an item that is seen now must be looked up again."""
        return now + self._lifetime.draw() if self._tiers.local is None else self._tiers.local.version + 1

    def _recall(self, item_id: str, item_clock: float, found: Lookup) -> bool:
        """Find an item in memory; False if it must be looked up below."""
        entry = self._memory.get(item_id)
        if entry is not None and item_clock < entry.until:
            found.add(item_id, entry.features)
            return True
        if item_clock < self._unchanged.get(item_id, item_clock):
            found.add(item_id, self._pinned[item_id])
            return True
        return False

    def _recall_text(self, digest: bytes, found: Lookup) -> bool:
        entry = self._memory.get(digest)
        if entry is None or entry.features is None:
            return False
        if found.at >= entry.until:
            self._memory.remove(digest)
            return False
        found.texts[digest] = entry.features
        return True

    def _look_up_local(self, local: LocalItems, ids: Sequence[str], version: float, found: Lookup) -> None:
        try:
            records = local.get_many([item_key(one) for one in ids])
        except StoreFailedError:
            self._give_up(ids, found)
            return
        self._take_items("store", ids, records, version + 1, found)

    async def _look_up_shared(
        self, shared: SharedTier, ids: Sequence[str], texts: Sequence[bytes], deadline: Deadline, found: Lookup
    ) -> None:
        left = deadline.remaining_s()
        items = self._tiers.items
        names = [items.name(item_key(one)) for one in ids] if isinstance(items, RedisItems) else []
        names += [self._name(one) for one in texts]
        values = None
        try:
            async with asyncio.timeout(None if left is None else left * _SHARE_OF_TIME):
                values = await shared.get_many(names)
        except TimeoutError:
            pass
        if values is None:
            self._give_up(ids, found)
            found.complete = found.complete and not texts
            return
        self._take_items("redis", ids, values[: len(ids)], found.at + self._lifetime.draw(), found)
        self._take_texts(texts, values[len(ids) :], found)

    def _give_up(self, ids: Sequence[str], found: Lookup) -> None:
        """Answer a failed lookup of items with the pinned ones."""
        for one in ids:
            found.add(one, self._pinned.get(one))
        found.complete = found.complete and all(one in self._pinned for one in ids)

    def _take_items(
        self, tier: str, ids: Sequence[str], records: Sequence[bytes | None], until: float, found: Lookup
    ) -> None:
        hits = corrupt = 0
        for item_id, packed in zip(ids, records, strict=True):
            seen = None if packed is None else self._see(item_id, packed)
            hits += seen is not None
            corrupt += packed is not None and seen is None
            if seen is None or packed is None:
                self._memory.remove(item_id)
                if item_id in self._pinned:
                    self._unchanged[item_id] = until
                    found.add(item_id, self._pinned[item_id])
            elif seen.read:
                self._memory.put(item_id, Entry(seen.features, until, seen.source))
                found.add(item_id, seen.features)
            elif (record := unpack_record(packed)) is not None:
                self._take_unread(item_id, record, found)
        self._count(tier, hits, corrupt, len(ids))

    def _see(self, item_id: str, packed: bytes) -> Seen | None:
        """An encoder's view of a record; not unpacked again if memory has the same source."""
        entry = self._memory.get(item_id)
        if entry is not None and entry.source == source_of(packed):
            return Seen(entry.source, entry.features, read=True)
        return see(packed, self._encoder, self._dimension)

    def _take_unread(self, item_id: str, record: Record, found: Lookup) -> None:
        entry = self._memory.get(digest_of(record.text))
        if entry is None or entry.features is None:
            found.unread[item_id] = record
        else:
            found.add(item_id, replace(entry.features, category=record.category))

    def _take_texts(self, texts: Sequence[bytes], values: Sequence[bytes | None], found: Lookup) -> None:
        hits = corrupt = 0
        for digest, packed in zip(texts, values, strict=True):
            features = None if packed is None else unpack(packed, self._dimension)
            corrupt += packed is not None and features is None
            if features is not None:
                hits += 1
                found.texts[digest] = features
                self._memory.put(digest, Entry(features, found.at + self._lifetime.draw()))
        self._count("redis", hits, corrupt, len(texts))

    def _count(self, tier: str, hits: int, corrupt: int, asked: int) -> None:
        self._lookups.labels(tier, "hit").inc(hits)
        self._lookups.labels(tier, "corrupt").inc(corrupt)
        self._lookups.labels(tier, "miss").inc(asked - hits - corrupt)

    def _name(self, digest: bytes) -> str:
        """The key of a text in Redis."""
        return self._texts_begin + digest.hex()
