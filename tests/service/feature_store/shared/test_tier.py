import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from service.feature_store.shared.circuit_breaker import LEAST_FAILURES, CircuitBreaker
from service.feature_store.shared.failures import (
    OwnDelayError,
    StoreGoneError,
    StoreRefusedError,
    StoreUnavailableError,
)
from service.feature_store.shared.tier import SharedTier
from service.metrics.registry import Metrics
from tests.service.clocks import Clock


class DictValues:
    """Values in a dictionary, which may be out of reach."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.lifetimes: dict[str, float] = {}
        self.asked: list[list[str]] = []
        self.down = False
        self.failure: Exception = StoreGoneError("Redis: ConnectionError")

    def _reached(self) -> None:
        if self.down:
            raise self.failure

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        self.asked.append(list(keys))
        self._reached()
        return [self.values.get(key) for key in keys]

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None) -> bool:
        self._reached()
        self.values.update(values)
        self.lifetimes.update(zip(values, lifetimes_s or [], strict=lifetimes_s is not None))
        return True

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        self._reached()
        self.values.update({key: new for key, (old, new) in values.items() if self.values.get(key) == old})
        return True

    async def keys(self, beginning: str) -> AsyncIterator[str]:
        self._reached()
        for key in [one for one in self.values if one.startswith(beginning)]:
            yield key


def tier(*, metrics: Metrics | None = None, clock: Clock | None = None) -> tuple[SharedTier, DictValues]:
    values = DictValues()
    breaker = CircuitBreaker(cooldown_s=1000) if clock is None else CircuitBreaker(cooldown_s=1, clock=clock)
    return SharedTier(values, breaker, metrics or Metrics()), values


async def test_values_are_put_found_and_replaced() -> None:
    shared, values = tier()
    assert await shared.put_many({"a": b"1", "b": b"2"}, [1.0, 2.0])
    assert await shared.get_many(["b", "c"]) == [b"2", None]
    assert await shared.replace_many({"a": (b"1", b"3"), "b": (b"1", b"3")})
    assert values.values == {"a": b"3", "b": b"2"}


async def test_nothing_is_asked_for_nothing() -> None:
    shared, values = tier()
    values.down = True
    assert await shared.get_many([]) == []
    assert await shared.put_many({})
    assert await shared.replace_many({})


async def test_a_dead_tier_is_asked_once() -> None:
    metrics = Metrics()
    shared, values = tier(metrics=metrics)
    values.down = True
    for _ in range(3):
        assert await shared.get_many(["a"]) is None
    assert not await shared.put_many({"a": b"1"})
    assert len(values.asked) == 1
    value = metrics.registry.get_sample_value
    assert value("edge_rank_tier_available", {"tier": "redis"}) == 0
    assert value("edge_rank_redis_skipped_total", {"operation": "put"}) == 1


async def test_a_few_that_are_late_are_not_all_of_them() -> None:
    shared, values = tier()
    values.down, values.failure = True, StoreUnavailableError("Redis: TimeoutError")
    for _ in range(LEAST_FAILURES - 1):
        assert await shared.get_many(["a"]) is None
    values.down = False
    assert await shared.get_many(["a"]) == [None]
    values.down = True
    for _ in range(3 * LEAST_FAILURES):
        await shared.get_many(["a"])
    assert len(values.asked) < 3 * LEAST_FAILURES, "it is asked again and again"
    assert not shared.available


async def test_our_own_delay_is_not_held_against_it() -> None:
    shared, values = tier()
    values.down, values.failure = True, OwnDelayError("Redis: TimeoutError")
    for _ in range(50):
        assert await shared.get_many(["a"]) is None
    assert len(values.asked) == 50


async def test_one_that_takes_nothing_more_is_still_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shared, values = tier()
    values.values["b"] = b"2"
    values.down, values.failure = True, StoreRefusedError("Redis: OutOfMemoryError")
    for _ in range(50):
        assert not await shared.put_many({"a": b"1"})
    values.down = False
    assert await shared.get_many(["b"]) == [b"2"]
    assert await shared.put_many({"a": b"1"})
    assert [record.message for record in caplog.records] == [
        "the feature store's lower tier takes nothing more for now: Redis: OutOfMemoryError",
        "the feature store's lower tier takes what it is given again",
    ]


async def test_a_change_of_state_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    shared, values = tier(clock=clock)
    values.down = True
    for _ in range(20):
        await shared.get_many(["a"])
        await shared.put_many({"b": b"1"})
        clock.now += 0.5
    values.down = False
    clock.now += 1
    for _ in range(20):
        await shared.get_many(["a"])
    assert [record.message for record in caplog.records] == [
        "the feature store's lower tier is left alone for a while: Redis: ConnectionError",
        "the feature store's lower tier answers again",
    ]
    assert len(values.asked) < 35


async def test_a_trial_that_is_given_up_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    shared, values = tier(clock=clock)
    values.down = True
    await shared.get_many(["a"])
    values.down, clock.now = False, 1.0

    async def never(_: Sequence[str]) -> Sequence[bytes | None]:
        await asyncio.sleep(1000)
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(values, "get_many", never)
        asking = asyncio.create_task(shared.get_many(["a"]))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert await shared.get_many(["a"]) == [None]
