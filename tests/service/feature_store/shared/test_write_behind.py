import asyncio

import numpy as np

from service.feature_store.codec import pack
from service.feature_store.expiry import Lifetime
from service.feature_store.features import Features
from service.feature_store.shared.write_behind import WriteBehind
from service.metrics.registry import Metrics
from tests.service.feature_store.shared.test_tier import DictValues, tier

FEATURES = Features.of(np.ones((1, 2), dtype=np.float32), "text")


def writer(most: int = 10) -> tuple[WriteBehind, DictValues, Metrics]:
    metrics = Metrics()
    shared, values = tier()
    return WriteBehind(shared, Lifetime(10, 0.5, lambda: 0.5), metrics, most=most), values, metrics


def counted(metrics: Metrics) -> tuple[float | None, float | None]:
    value = metrics.registry.get_sample_value
    name = "edge_rank_cache_writes_total"
    return value(name, {"outcome": "written"}), value(name, {"outcome": "dropped"})


async def test_features_are_written_with_their_lifetimes() -> None:
    behind, values, metrics = writer()
    behind.put({"a": FEATURES, "b": FEATURES})
    assert values.values == {}
    await behind.written()
    assert values.values == {"a": pack(FEATURES), "b": pack(FEATURES)}
    assert values.lifetimes == {"a": 7.5, "b": 7.5}
    assert counted(metrics) == (2, 0)


async def test_what_finds_no_room_is_dropped() -> None:
    behind, values, metrics = writer(most=2)
    behind.put(dict.fromkeys("abcde", FEATURES))
    await behind.written()
    assert values.values.keys() == {"a", "b"}
    assert counted(metrics) == (2, 3)


async def test_what_a_tier_that_is_down_does_not_take_is_dropped() -> None:
    behind, values, metrics = writer()
    values.down = True
    behind.put({"a": FEATURES})
    await behind.written()
    values.down = False
    behind.put({"b": FEATURES})
    await behind.close()
    assert counted(metrics) == (0, 2), "the breaker is open"


async def test_it_is_closed_when_the_tier_hangs() -> None:
    behind, values, _ = writer()
    never = asyncio.Event()

    async def hang(*_: object) -> bool:
        return await never.wait()

    values.put_many = hang  # type: ignore[method-assign, assignment]
    behind.put({"a": FEATURES})
    async with asyncio.timeout(10):
        await behind.close()
