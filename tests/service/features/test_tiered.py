from collections.abc import AsyncIterator, Mapping, Sequence

from service.features.breaker import CircuitBreaker
from service.features.tiered import SharedTier, StoreUnavailableError
from service.metrics import Metrics


class DictValues:
    """Values in a dictionary, which may be out of reach."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.lifetimes: dict[str, float] = {}
        self.asked: list[list[str]] = []
        self.down = False

    def _reached(self) -> None:
        if self.down:
            raise StoreUnavailableError("Redis: ConnectionError")

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


def tier(*, metrics: Metrics | None = None) -> tuple[SharedTier, DictValues]:
    values = DictValues()
    return SharedTier(values, CircuitBreaker(cooldown_s=1000), metrics or Metrics()), values


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
