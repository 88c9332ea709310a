import asyncio
import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from service.features.base import Features, Lookup
from service.features.breaker import LEAST_FAILURES, CircuitBreaker
from service.features.expiry import Lifetime
from service.features.failures import OwnDelayError, StoreGoneError, StoreRefusedError, StoreUnavailableError
from service.features.memory import MemoryStore
from service.features.tiered import TieredStore
from service.metrics import Metrics
from tests.service.clocks import Clock

FEATURES = Features.of(np.ones((1, 2), dtype=np.float32), "text")


class LowerStore:
    def __init__(self) -> None:
        self.items: dict[str, Features] = {}
        self.asked: list[list[str]] = []
        self.down = False
        self.failure: Exception = StoreGoneError("Redis: ConnectionError")

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        self.asked.append(list(ids))
        if self.down:
            raise self.failure
        return Lookup({one: self.items[one] for one in ids if one in self.items})

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        if self.down:
            raise self.failure
        self.items.update(items)
        return True

    async def remove_many(self, ids: Sequence[str]) -> bool:
        if self.down:
            raise self.failure
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


async def test_a_few_that_are_late_are_not_all_of_them() -> None:
    store, lower = tiers()
    lower.down, lower.failure = True, StoreUnavailableError("Redis: TimeoutError")
    for _ in range(LEAST_FAILURES - 1):
        assert not (await store.get_many(["a"])).complete
    lower.down = False
    assert (await store.get_many(["a"])).complete
    lower.down = True
    for _ in range(3 * LEAST_FAILURES):
        await store.get_many(["a"])
    assert len(lower.asked) < 3 * LEAST_FAILURES, "it is asked again and again"


async def test_our_own_delay_is_not_held_against_the_lower_tier() -> None:
    store, lower = tiers()
    lower.down, lower.failure = True, OwnDelayError("Redis: TimeoutError")
    for _ in range(50):
        assert not (await store.get_many(["a"])).complete
    assert len(lower.asked) == 50


async def test_a_lower_tier_that_takes_nothing_more_is_still_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store, lower = tiers()
    lower.items["b"] = FEATURES
    lower.down, lower.failure = True, StoreRefusedError("Redis: OutOfMemoryError")
    for _ in range(50):
        assert not await store.put_many({"a": FEATURES})
    lower.down = False
    assert (await store.get_many(["b"])).found.keys() == {"b"}
    assert await store.put_many({"a": FEATURES})
    assert [record.message for record in caplog.records] == [
        "the feature store's lower tier takes nothing more for now: Redis: OutOfMemoryError",
        "the feature store's lower tier takes what it is given again",
    ]


async def test_a_change_of_state_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock, metrics, lower = Clock(), Metrics(), LowerStore()
    upper = MemoryStore(metrics, capacity=10, lifetime=Lifetime(1000))
    store = TieredStore(upper, lower, CircuitBreaker(cooldown_s=1, clock=clock), metrics)
    lower.down = True
    for _ in range(20):
        await store.get_many(["a"])
        await store.put_many({"b": FEATURES})
        clock.now += 0.5
    lower.down = False
    clock.now += 1
    for _ in range(20):
        await store.get_many(["a"])
    assert [record.message for record in caplog.records] == [
        "the feature store's lower tier is left alone for a while: Redis: ConnectionError",
        "the feature store's lower tier answers again",
    ]
    assert len(lower.asked) < 35


async def test_a_trial_that_is_given_up_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, metrics, lower = Clock(), Metrics(), LowerStore()
    upper = MemoryStore(metrics, capacity=10, lifetime=Lifetime(1000))
    store = TieredStore(upper, lower, CircuitBreaker(cooldown_s=1, clock=clock), metrics)
    lower.down = True
    await store.get_many(["a"])
    lower.down, clock.now = False, 1.0

    async def never(_: Sequence[str]) -> Lookup:
        await asyncio.sleep(1000)
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(lower, "get_many", never)
        asking = asyncio.create_task(store.get_many(["a"]))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert (await store.get_many(["a"])).complete
