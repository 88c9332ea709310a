import numpy as np

from service.features.base import Features
from service.features.expiry import Lifetime
from service.features.memory import MemoryStore
from service.metrics import Metrics
from tests.service.clocks import Clock


def features(text: str) -> Features:
    return Features.of(np.ones((1, 2), dtype=np.float32), text)


def store_of(capacity: int = 10, *, clock: Clock | None = None, metrics: Metrics | None = None) -> MemoryStore:
    return MemoryStore(
        metrics or Metrics(), capacity=capacity, lifetime=Lifetime(10, 0.2, lambda: 0.5), clock=clock or Clock()
    )


async def known(store: MemoryStore, *ids: str) -> set[str]:
    return set((await store.get_many(ids)).found)


async def test_the_least_recently_used_goes_first() -> None:
    store = store_of(2)
    await store.put_many({"a": features("a"), "b": features("b")})
    assert await known(store, "a") == {"a"}
    await store.put_many({"c": features("c")})
    assert await known(store, "a", "b", "c") == {"a", "c"}
    assert len(store) == 2


async def test_entries_expire_after_their_lifetime() -> None:
    clock = Clock()
    store = store_of(clock=clock)
    await store.put_many({"a": features("a")})
    clock.now = 8.9
    assert await known(store, "a") == {"a"}
    clock.now = 9.0
    assert await known(store, "a") == set()
    assert len(store) == 0


async def test_pinned_items_stay_and_can_be_replaced() -> None:
    clock = Clock()
    store = store_of(1, clock=clock)
    await store.put_many({"a": features("old")})
    store.pin_many({"a": features("pinned"), "b": features("b")})
    await store.put_many({"x": features("x"), "y": features("y"), "a": features("new")})
    clock.now = 1e9
    found = (await store.get_many(["a", "b", "x", "y"])).found
    assert set(found) == {"a", "b"}
    assert found["a"].text_digest == features("new").text_digest


async def test_hits_and_misses_are_counted() -> None:
    metrics = Metrics()
    store = store_of(metrics=metrics)
    store.tell(on=True)
    await store.put_many({"a": features("a")})
    await store.get_many(["a", "b", "c"])
    value = metrics.registry.get_sample_value
    assert value("edge_rank_cache_lookups_total", {"tier": "memory", "outcome": "hit"}) == 1
    assert value("edge_rank_cache_lookups_total", {"tier": "memory", "outcome": "miss"}) == 2
    assert value("edge_rank_memory_items") == 1


async def test_a_store_that_nobody_asked_to_tell_leaves_the_gauge_alone() -> None:
    metrics = Metrics()
    first, second = store_of(metrics=metrics), store_of(metrics=metrics)
    first.tell(on=True)
    await first.put_many({"a": features("a")})
    second.pin_many({"a": features("a"), "b": features("b")})
    assert metrics.registry.get_sample_value("edge_rank_memory_items") == 1
    first.tell(on=False)
    second.tell(on=True)
    await first.put_many({"c": features("c")})
    assert metrics.registry.get_sample_value("edge_rank_memory_items") == 2
    assert second.pins("a")
    assert not first.pins("a")


async def test_what_is_removed_is_gone_even_if_it_was_held_for_good() -> None:
    store = store_of()
    store.pin_many({"a": features("a")})
    await store.put_many({"b": features("b"), "c": features("c")})
    await store.remove_many(["a", "b", "unknown"])
    assert (await store.get_many(["a", "b", "c"])).found.keys() == {"c"}
