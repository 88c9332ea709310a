import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import AuthenticationError, OutOfMemoryError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from loadtests.harness.redis_process import RedisProcess
from service.feature_store.redis.client import Client, connect
from service.feature_store.redis.failures import kind_of
from service.feature_store.redis.values import RedisValues
from service.feature_store.shared.failures import StoreUnavailableError
from service.metrics.registry import Metrics
from tests.service.apps import candidates, ids, running, settings, until


def values_of(client: Client, metrics: Metrics | None = None, *, timeout_s: float = 2.0) -> RedisValues:
    return RedisValues(client, metrics or Metrics(), timeout_s=timeout_s)


@pytest.fixture
async def client(redis_server: RedisProcess) -> AsyncIterator[Client]:
    client = connect(redis_server.url, timeout_s=2.0, connections=4)
    yield client
    await client.aclose()


async def test_what_is_put_is_found_and_expires(client: Client) -> None:
    values = values_of(client)
    assert await values.put_many({"a": b"1", "b": b"2"}, [75.0, 0.0001])
    assert await values.put_many({"c": b"3"}, None)
    await asyncio.sleep(0.01)
    assert await values.get_many(["a", "b", "c", "d"]) == [b"1", None, b"3", None]
    assert 74_000 < await client.pttl("a") <= 75_000
    assert await client.pttl("c") == -1


async def test_a_value_of_another_kind_is_none(client: Client) -> None:
    await client.hset("hash", "field", "value")
    assert await values_of(client).get_many(["hash"]) == [None]


async def test_only_what_is_still_the_same_is_replaced(client: Client) -> None:
    values = values_of(client)
    await values.put_many({"a": b"\xff1", "b": b"2"}, None)
    await values.replace_many({"a": (b"\xff1", b"\xfe"), "b": (b"1", b"3"), "c": (b"", b"4")})
    assert await values.get_many(["a", "b", "c"]) == [b"\xfe", b"2", None]


async def test_keys_are_found_by_their_beginning(client: Client) -> None:
    values = values_of(client)
    names = {f"i:{number}" for number in range(2500)}
    await values.put_many(dict.fromkeys([*names, "other"], b""), None)
    assert {key async for key in values.keys("i:")} == names


async def test_a_dead_redis_is_distinguished(redis_server: RedisProcess, client: Client) -> None:
    redis_server.kill()
    metrics = Metrics()
    values = values_of(client, metrics)
    with pytest.raises(StoreUnavailableError, match=r"^Redis: ConnectionError$"):
        await values.get_many(["a"])
    with pytest.raises(StoreUnavailableError):
        await values.put_many({"a": b""}, None)
    with pytest.raises(StoreUnavailableError):
        await anext(values.keys(""))
    errors = metrics.registry.get_sample_value(
        "edge_rank_redis_errors_total", {"operation": "put", "kind": "connection"}
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
                await values_of(client, timeout_s=0.05).get_many(["a"])
        await client.aclose()


async def test_requests_are_answered_while_redis_is_down_and_whole_again_after(redis_server: RedisProcess) -> None:
    texts = {"taxi": "call a taxi", "split": "split a bill"}
    changed = settings(redis_url=redis_server.url, redis_timeout_ms=2000, redis_cooldown_s=0.05, memory_ttl_s=0.001)
    items = {"items": candidates(texts)}
    async with running(changed) as service:
        body = {"query": "split a bill", "candidates": [{"id": one} for one in texts]}
        assert (await service.client.put("/v1/items", json=items)).json()["degraded"] == []
        await asyncio.sleep(0.002)
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
        assert (await service.client.put("/v1/items", json=items)).json()["degraded"] == ["feature_store"]

        redis_server.start()
        await asyncio.sleep(0.1)
        await service.client.put("/v1/items", json=items)
        await asyncio.sleep(0.002)
        whole = await service.rank(**body)
        assert whole["degraded"] == []
        assert whole["usage"]["cached_items"] == 2
        assert service.metric("tier_available", tier="redis") == 1


async def test_apps_with_prefixes_of_their_own_do_not_meet(redis_server: RedisProcess) -> None:
    changed = {"redis_url": redis_server.url, "redis_timeout_ms": 2000}
    async with running(settings(prefix="one", **changed)) as one:
        await one.client.put("/v1/items", json={"items": [{"id": "a", "text": "taxi"}]})
        await one.rank(candidates=[{"id": "b", "text": "train"}])
    for prefix, status, cached in (("one", "ok", 2), ("two", "missing", 0), ("", "missing", 0)):
        async with running(settings(prefix=prefix, **changed)) as service:
            answer = await service.rank(candidates=[{"id": "a"}, {"id": "b", "text": "train"}])
            assert {one["id"]: one["status"] for one in answer["results"]} == {"a": status, "b": "ok"}
            assert answer["usage"]["cached_items"] == cached
            assert answer["degraded"] == []


async def test_an_answer_does_not_wait_for_what_is_written(redis_server: RedisProcess) -> None:
    changed = settings(redis_url=redis_server.url, redis_timeout_ms=5000)
    async with running(changed) as service:
        await service.rank(candidates=[{"id": "a", "text": "taxi"}])
        await until(lambda: service.metric("cache_writes_total", outcome="written") == 1)
        known = {"candidates": [{"id": "a", "text": "taxi"}]}
        redis_server.freeze()
        try:
            async with asyncio.timeout(4):
                assert (await service.rank(**known))["degraded"] == []
        finally:
            redis_server.thaw()
