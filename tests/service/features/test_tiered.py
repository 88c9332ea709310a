from collections.abc import Mapping, Sequence

import numpy as np

from service.features.base import Features, Lookup, StoreUnavailableError
from service.features.breaker import CircuitBreaker
from service.features.expiry import Lifetime
from service.features.memory import MemoryStore
from service.features.tiered import TieredStore
from service.metrics import Metrics

FEATURES = Features.of(np.ones((1, 2), dtype=np.float32), "text")


class LowerStore:
    def __init__(self) -> None:
        self.items: dict[str, Features] = {}
        self.asked: list[list[str]] = []
        self.down = False

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        self.asked.append(list(ids))
        if self.down:
            raise StoreUnavailableError("Redis: ConnectionError")
        return Lookup({one: self.items[one] for one in ids if one in self.items})

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        if self.down:
            raise StoreUnavailableError("Redis: ConnectionError")
        self.items.update(items)
        return True

    async def remove_many(self, ids: Sequence[str]) -> bool:
        if self.down:
            raise StoreUnavailableError("Redis: ConnectionError")
        for one in ids:
            self.items.pop(one, None)
        return True


def tiers() -> tuple[TieredStore, LowerStore]:
    metrics, lower = Metrics(), LowerStore()
    upper = MemoryStore(metrics, capacity=10, lifetime=Lifetime(1000))
    return TieredStore(upper, lower, CircuitBreaker(cooldown_s=1000), metrics), lower


async def test_only_what_memory_lacks_is_asked_for_and_then_kept() -> None:
    store, lower = tiers()
    await store.put_many({"a": FEATURES})
    lower.items["b"] = FEATURES
    assert set((await store.get_many(["a", "b", "c"])).found) == {"a", "b"}
    assert set((await store.get_many(["a", "b"])).found) == {"a", "b"}
    assert lower.asked == [["b", "c"]]


async def test_a_dead_lower_tier_is_asked_once() -> None:
    store, lower = tiers()
    await store.put_many({"a": FEATURES})
    lower.down = True
    for _ in range(3):
        lookup = await store.get_many(["a", "b"])
        assert set(lookup.found) == {"a"}
        assert not lookup.complete
    assert len(lower.asked) == 1
    assert (await store.get_many(["a"])).complete  # nothing was missed


async def test_memory_takes_what_a_dead_lower_tier_cannot() -> None:
    store, lower = tiers()
    lower.down = True
    assert not await store.put_many({"a": FEATURES})
    assert set((await store.get_many(["a"])).found) == {"a"}


async def test_what_is_removed_is_gone_from_both_and_a_lower_tier_that_is_down_is_told() -> None:
    store, lower = tiers()
    await store.put_many({"a": FEATURES, "b": FEATURES})
    assert await store.remove_many(["a", "unknown"])
    assert (await store.get_many(["a", "b"])).found.keys() == {"b"}
    lower.down = True
    assert not await store.remove_many(["b"])
    assert not await store.remove_many(["b"]), "the breaker is open"
