import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from redis.exceptions import AuthenticationError, OutOfMemoryError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from loadtests.redis_process import RedisProcess
from service.features.base import Features
from service.features.expiry import Lifetime
from service.features.failures import StoreUnavailableError
from service.features.redis import RedisStore
from service.features.redis_client import Client, connect
from service.features.redis_failures import kind_of
from service.metrics import Metrics
from tests.service.apps import candidates, ids, running, settings

FEATURES = Features.of(np.array([[0.6, -0.8, 0.0]], dtype=np.float32), "text", category="food")


def store_on(client: Client, metrics: Metrics, *, revision: str = "r" * 64, timeout_s: float = 2.0) -> RedisStore:
    return RedisStore(
        client, metrics, revision=revision, dimension=3, lifetime=Lifetime(100, 0.5, lambda: 0.5), timeout_s=timeout_s
    )


@pytest.fixture
async def client(redis_server: RedisProcess) -> AsyncIterator[Client]:
    client = connect(redis_server.url, timeout_s=2.0, connections=4)
    yield client
    await client.aclose()


async def test_what_is_put_is_found(client: Client) -> None:
    metrics = Metrics()
    store = store_on(client, metrics)
    assert await store.put_many({"a": FEATURES})
    found = (await store.get_many(["a", "b"])).found
    assert found.keys() == {"a"}
    assert found["a"] == FEATURES
    assert found["a"].category == "food"
    assert metrics.registry.get_sample_value("edge_rank_cache_lookups_total", {"tier": "redis", "outcome": "hit"}) == 1
    assert metrics.registry.get_sample_value("edge_rank_cache_lookups_total", {"tier": "redis", "outcome": "miss"}) == 1


async def test_keys_hide_ids_and_expire_with_jitter(client: Client) -> None:
    await store_on(client, Metrics()).put_many({"a-private-id": FEATURES})
    (key,) = await client.keys("*")
    assert isinstance(key, bytes)
    assert key.startswith(b"r" * 16 + b":")
    assert b"private" not in key
    assert 74_000 < await client.pttl(key) <= 75_000


async def test_revisions_do_not_meet(client: Client) -> None:
    await store_on(client, Metrics()).put_many({"a": FEATURES})
    assert (await store_on(client, Metrics(), revision="s" * 64).get_many(["a"])).found == {}


async def test_values_that_cannot_be_read_count_as_unknown(client: Client) -> None:
    metrics = Metrics()
    store = store_on(client, metrics)
    await client.set(store.key("short"), b"x")
    await client.set(store.key("other"), b"\xff" * 24)
    await client.hset(store.key("hash"), "field", "value")
    assert (await store.get_many(["short", "other", "hash"])).found == {}
    corrupt = metrics.registry.get_sample_value(
        "edge_rank_cache_lookups_total", {"tier": "redis", "outcome": "corrupt"}
    )
    assert corrupt == 2


async def test_nothing_is_asked_for_nothing(redis_server: RedisProcess, client: Client) -> None:
    redis_server.kill()
    store = store_on(client, Metrics())
    assert (await store.get_many([])).found == {}
    assert await store.put_many({})


async def test_a_dead_redis_is_told_apart(redis_server: RedisProcess, client: Client) -> None:
    redis_server.kill()
    metrics = Metrics()
    store = store_on(client, metrics)
    with pytest.raises(StoreUnavailableError, match=r"^Redis: ConnectionError$"):
        await store.get_many(["a"])
    with pytest.raises(StoreUnavailableError):
        await store.put_many({"a": FEATURES})
    errors = metrics.registry.get_sample_value(
        "edge_rank_redis_errors_total", {"operation": "get", "kind": "connection"}
    )
    assert errors == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "timeout"),
        (RedisTimeoutError(), "timeout"),
        (ConnectionRefusedError(), "connection"),
        (RedisConnectionError(), "connection"),
        (AuthenticationError(), "authentication"),
        (OutOfMemoryError(), "refused"),
        (RedisError(), "other"),
    ],
)
def test_errors_are_of_few_kinds(error: RedisError | OSError, kind: str) -> None:
    assert kind_of(error) == kind


async def test_a_silent_redis_costs_no_more_than_the_timeout() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = connect(f"redis://127.0.0.1:{port}", timeout_s=0.05, connections=4)
        async with asyncio.timeout(5):
            with pytest.raises(StoreUnavailableError, match="Timeout"):
                await store_on(client, Metrics(), timeout_s=0.05).get_many(["a"])
        await client.aclose()


async def test_requests_are_answered_while_redis_is_down_and_whole_again_after(redis_server: RedisProcess) -> None:
    texts = {"taxi": "call a taxi", "split": "split a bill"}
    changed = settings(redis_url=redis_server.url, redis_timeout_ms=2000, redis_cooldown_s=0.05, memory_ttl_s=0.001)
    async with running(changed) as service:
        body = {"query": "split a bill", "candidates": [{"id": one} for one in texts]}
        await service.rank(candidates=candidates(texts))
        assert ids(await service.rank(**body)) == ["split", "taxi"]

        redis_server.kill()
        await asyncio.sleep(0.002)
        down = await service.rank(**body)
        assert down["degraded"] == ["feature_store"]
        assert {result["status"] for result in down["results"]} == {"missing"}
        with_texts = await service.rank(query="split a bill", candidates=candidates(texts))
        assert ids(with_texts) == ["split", "taxi"]
        assert with_texts["degraded"] == ["feature_store"]
        assert service.metric("tier_available", tier="redis") == 0
        assert service.metric("redis_skipped_total", operation="put") >= 1

        redis_server.start()
        await asyncio.sleep(0.1)
        await service.rank(candidates=candidates(texts))
        await asyncio.sleep(0.002)
        whole = await service.rank(**body)
        assert whole["degraded"] == []
        assert whole["usage"]["cached_items"] == 2
        assert service.metric("tier_available", tier="redis") == 1
