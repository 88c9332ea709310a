import asyncio
import time
from collections.abc import Mapping, Sequence

import numpy as np

from service.admission.deadline import Deadline
from service.feature_store.expiry import Lifetime
from service.feature_store.features import Features, digest_of
from service.feature_store.items.item import Item
from service.feature_store.items.memory import MemoryItems
from service.feature_store.items.record import Record
from service.feature_store.items.redis import RedisItems
from service.feature_store.items.store import item_key
from service.feature_store.shared.write_behind import WriteBehind
from service.feature_store.store import FeatureStore, Lookup, Tiers
from service.metrics.registry import Metrics
from tests.service.clocks import Clock
from tests.service.encoders import FakeEncoder
from tests.service.feature_store.shared.test_tier import DictValues, tier

DIMENSION = FakeEncoder().dimension
LIFETIME = Lifetime(10)


def features(text: str, category: str | None = None) -> Features:
    return Features.of(np.ones((1, DIMENSION), dtype=np.float32), text, category=category)


def item(name: str, text: str | None = None, category: str | None = None) -> Item:
    return Item(name, name, text or name, category)


def store_on(tiers: Tiers, *, revision: str = "fake", clock: Clock | None = None, capacity: int = 10) -> FeatureStore:
    encoder = FakeEncoder(revision=revision)
    return FeatureStore(encoder, tiers, Metrics(), capacity=capacity, lifetime=LIFETIME, clock=clock or Clock())


def local() -> Tiers:
    items = MemoryItems(10)
    return Tiers(items, items)


def shared() -> tuple[Tiers, DictValues]:
    metrics = Metrics()
    redis, values = tier(metrics=metrics)
    return Tiers(RedisItems(redis, ""), None, redis, WriteBehind(redis, LIFETIME, metrics)), values


async def put(store: FeatureStore, *items: Item) -> bool:
    return await store.put_items(items, {one.id: features(one.text, one.category) for one in items})


async def look_up(store: FeatureStore, *ids: str, texts: Sequence[str] = ()) -> Lookup:
    return await store.look_up(ids, [digest_of(one) for one in texts], Deadline())


async def known(store: FeatureStore, *ids: str) -> dict[str, bytes]:
    return {name: one.text_digest for name, one in (await look_up(store, *ids)).items.items()}


async def test_items_and_texts_do_not_meet() -> None:
    store = store_on(local())
    store.keep_texts({digest_of("a"): features("a")})
    await put(store, item("a", "b"))
    found = await look_up(store, "a", "b", texts=["a", "b"])
    assert {name: one.text_digest for name, one in found.items.items()} == {"a": digest_of("b")}
    assert found.texts == {digest_of("a"): features("a")}


async def test_what_one_store_puts_another_sees_at_once() -> None:
    tiers = local()
    one, other = store_on(tiers), store_on(tiers)
    for text in ("old", "new"):
        await put(one, item("a", text))
        assert await known(other, "a") == {"a": digest_of(text)}


async def test_items_outlive_memory_and_its_lifetime() -> None:
    clock = Clock()
    store = store_on(local(), clock=clock, capacity=1)
    await put(store, item("a"), item("b"))
    store.keep_texts({digest_of(one): features(one) for one in "xyz"})
    clock.now = 1e9
    assert (await known(store, "a", "b")).keys() == {"a", "b"}


async def test_texts_expire_and_make_room() -> None:
    clock = Clock()
    store = store_on(local(), clock=clock, capacity=2)
    store.keep_texts({digest_of(one): features(one) for one in "abc"})
    assert (await look_up(store, texts="abc")).texts.keys() == {digest_of("b"), digest_of("c")}
    clock.now = 10
    assert (await look_up(store, texts="abc")).texts == {}


async def test_a_pinned_item_is_what_clients_put_in_its_place() -> None:
    for tiers in (local(), shared()[0]):
        store = store_on(tiers)
        store.pin({"a": features("pinned")})
        assert await known(store, "a") == await known(store, "a") == {"a": digest_of("pinned")}
        await put(store_on(tiers), item("a", "put"))
        if tiers.local is not None:
            assert await known(store, "a") == {"a": digest_of("put")}
        assert await known(store_on(tiers), "a") == {"a": digest_of("put")}


async def test_an_item_that_can_not_be_read_is_not_what_it_was() -> None:
    store = store_on(local())
    store.pin({"a": features("pinned")})
    assert await store.put_items([item("a", "обувь")], {})
    found = await look_up(store, "a")
    assert (found.items, found.unread) == ({}, {})


async def test_one_lookup_asks_for_what_memory_lacks_items_and_texts() -> None:
    tiers, values = shared()
    store = store_on(tiers)
    await put(store_on(tiers), item("a"), item("b"))
    store.keep_texts({digest_of("x"): features("x")})
    first = await look_up(store, "a", "b", "c", texts=["x", "y"])
    assert set(first.items) == {"a", "b"}
    assert set(first.texts) == {digest_of("x")}
    assert first.complete
    second = await look_up(store, "a", "b", texts=["x"])
    assert second.items == first.items
    (_, asked) = values.asked
    assert len(asked) == 4
    assert not [key for key in asked if key[-1:] == "a"], "keys hide ids"


async def test_what_others_put_in_redis_is_seen_after_the_lifetime_in_memory() -> None:
    clock, (tiers, _) = Clock(), shared()
    store = store_on(tiers, clock=clock)
    await put(store, item("a", "old"))
    await put(store_on(tiers), item("a", "new"))
    assert await known(store, "a") == {"a": digest_of("old")}
    clock.now = 10
    assert await known(store, "a") == {"a": digest_of("new")}


async def test_items_in_redis_stay_and_texts_do_not() -> None:
    tiers, values = shared()
    store = store_on(tiers)
    await put(store, item("a"))
    store.keep_texts({digest_of("x"): features("x")})
    assert tiers.writer is not None
    await tiers.writer.written()
    assert len(values.values) == 2
    assert list(values.lifetimes.values()) == [10]
    assert (await look_up(store_on(tiers), texts=["x"])).texts == {digest_of("x"): features("x")}
    assert (await look_up(store_on(tiers, revision="other"), texts=["x"])).texts == {}


async def test_without_redis_what_is_pinned_or_in_memory_is_known() -> None:
    tiers, values = shared()
    store = store_on(tiers)
    store.pin({"pinned": features("pinned")})
    values.down = True
    assert not await put(store, item("a"))
    assert (await look_up(store, "a", "pinned")).complete
    lookup = await look_up(store, "a", "unknown", "pinned")
    assert set(lookup.items) == {"a", "pinned"}
    assert not lookup.complete
    assert not (await look_up(store, texts=["x"])).complete


async def test_a_lookup_that_is_late_is_not_waited_for() -> None:
    tiers, values = shared()
    store = store_on(tiers)

    async def hang(*_: object) -> Sequence[bytes | None]:
        await asyncio.sleep(60)
        return []

    values.get_many = hang  # type: ignore[method-assign, assignment]
    async with asyncio.timeout(10):
        lookup = await store.look_up(["a"], [], Deadline.after(50, since=time.perf_counter()))
    assert not lookup.complete


async def test_an_item_that_another_encoder_has_read_is_reported_with_its_text() -> None:
    tiers = local()
    await put(store_on(tiers), item("a", "text", "food"))
    other = store_on(tiers, revision="other")
    found = await look_up(other, "a")
    assert found.items == {}
    assert (found.unread["a"].text, found.unread["a"].category) == ("text", "food")
    other.keep_texts({digest_of("text"): features("text")})
    assert (await look_up(other, "a")).items == {"a": features("text", "food")}


async def test_a_record_that_can_not_be_read_counts_as_unknown() -> None:
    tiers, values = shared()
    assert isinstance(tiers.items, RedisItems)
    store = store_on(tiers)
    store.pin({"pinned": features("pinned")})
    for name in ("a", "pinned"):
        values.values[tiers.items.name(item_key(name))] = b"garbage"
    found = await look_up(store, "a", "pinned")
    assert set(found.items) == {"pinned"}
    assert found.complete


async def test_items_in_redis_are_found_by_who_reads_them_anew() -> None:
    tiers, values = shared()
    names = [str(number) for number in range(300)]
    await put(store_on(tiers), *map(item, names))
    values.values["i:of-others"] = b"x"
    held = {key async for chunk in tiers.items.chunks() for key in chunk}
    assert held == set(map(item_key, names))
    record = Record.of("7", None, "other", features("7"))
    await tiers.items.add_many({item_key("7"): record, item_key("8"): record})
    other = store_on(tiers, revision="other")
    found = await look_up(other, "7", "8")
    assert (set(found.items), set(found.unread)) == ({"7"}, {"8"})


async def test_who_puts_an_item_sees_that_another_put_it_right_afterwards() -> None:
    class Slow(MemoryItems):
        """Answers only when another process has put the same item, too."""

        async def put_many(self, records: Mapping[bytes, Record]) -> None:
            await super().put_many(records)
            if not meanwhile.done():
                meanwhile.set_result(None)
                await put(theirs, item("a", "theirs"))

    items = Slow(10)
    meanwhile = asyncio.get_running_loop().create_future()
    tiers = Tiers(items, items)
    ours, theirs = store_on(tiers), store_on(tiers)
    await put(ours, item("a", "ours"))
    assert await known(ours, "a") == await known(theirs, "a") == {"a": digest_of("theirs")}
