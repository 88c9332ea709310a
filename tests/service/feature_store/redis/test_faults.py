"""Whatever stands where Redis should, every request is answered, in time, without it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterPipeline

from loadtests.faults.fake_redis import FakeRedis, always, fake_redis, one_node, without_keys
from loadtests.harness.processes import free_port
from loadtests.harness.redis_process import RedisProcess
from service.feature_store.redis.client import connect
from service.feature_store.redis.values import RedisValues
from service.feature_store.shared.failures import OwnDelayError, StoreUnavailableError
from service.feature_store.tiers import REDIS_CONNECTIONS
from service.metrics.registry import Metrics
from tests.service.apps import RunningApp, candidates, running, settings

TEXTS = {"taxi": "call a taxi", "split": "split a bill"}
STRANGE = {
    "nothing": None,
    "no protocol": b"\x00not RESP\r\n",
    "an error": b"-ERR \x1b[31mno\r\n",
    "an error that is no text": b"-ERR \xff\xfe\r\n",
    "it loads": b"-LOADING Redis is loading the dataset in memory\r\n",
    "its cluster is down": b"-CLUSTERDOWN Hash slot not served\r\n",
    "it moved": b"-MOVED 1 127.0.0.1:1\r\n",
    "it moved to nowhere": b"-MOVED\r\n",
    "it asks to ask elsewhere": b"-ASK 1 127.0.0.1:1\r\n",
    "a password is wanted": b"-NOAUTH Authentication required.\r\n",
    "no right": b"-NOPERM no permissions\r\n",
    "null": b"_\r\n",
    "a number": b":5\r\n",
    "numbers": b"*2\r\n:5\r\n:6\r\n",
    "text": b"$3\r\nabc\r\n",
    "too few": b"*0\r\n",
    "too many": b"*3\r\n$-1\r\n$-1\r\n$-1\r\n",
    "a map": b"%1\r\n$1\r\na\r\n:1\r\n",
    "a thousand million elements": b"*1000000000\r\n",
    "as many, in one another": b"*1\r\n*4294967295\r\n",
    "half a gigabyte": b"*1\r\n$536870911\r\nabc",
    "arrays in arrays": b"*1\r\n" * 100_000,
    "much that nobody asked for": b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n" * 3000,
}


@asynccontextmanager
async def asked(redis: FakeRedis, *, cluster: bool) -> AsyncIterator[RunningApp]:
    changed = settings(
        redis_url=redis.url,
        redis_cluster=cluster,
        redis_timeout_ms=50,
        redis_cooldown_s=0.01,
        memory_ttl_s=0.001,
    )
    async with running(changed) as service:
        yield service


async def ask_often(service: RunningApp) -> None:
    for _ in range(8):
        began = time.monotonic()
        answer = await service.rank(query="split a bill", candidates=candidates(TEXTS))
        assert {one["status"] for one in answer["results"]} == {"ok"}
        assert time.monotonic() - began < 2, "many times what may pass"
        await asyncio.sleep(0.002)


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize("kind", ["server", "cluster", "cluster's node"])
async def test_a_strange_answer_costs_no_request(
    answer: bytes | None, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with fake_redis(always(answer)) as redis:
        if kind == "cluster's node":
            redis.answer = one_node(lambda: redis.port, always(answer))
        async with asked(redis, cluster=kind != "server") as service:
            await ask_often(service)
            lines = [one for one in caplog.records if "tier" in one.message]
            assert redis.open <= 2 * REDIS_CONNECTIONS
    assert not [one for one in caplog.records if one.exc_info or one.levelno >= logging.ERROR]
    assert len(lines) <= 6, [one.message for one in lines]


@pytest.mark.parametrize("cluster", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-name.invalid"])
async def test_nobody_there_costs_no_request_and_is_reported_once(
    cluster: bool, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"redis://{host}:{free_port()}/0"
    changed = settings(redis_url=url, redis_cluster=cluster, redis_timeout_ms=2000, redis_cooldown_s=0.01)
    async with running(changed) as service:
        await ask_often(service)
        assert service.metric("tier_available", tier="redis") == 0
        assert service.metric("redis_errors_total", operation="get", kind="connection") >= 1
        assert (await service.client.get("/v1/info")).json()["redis_available"] is False
    assert sum("left alone" in one.message for one in caplog.records) == 1
    assert not [one for one in caplog.records if one.exc_info]


@pytest.mark.parametrize(("scheme", "cluster"), [("redis", True), ("rediss", False), ("rediss", True)])
async def test_a_server_of_another_kind_costs_no_request(
    redis_server: RedisProcess, scheme: str, cluster: bool
) -> None:
    url = f"{scheme}://127.0.0.1:{redis_server.port}/0"
    changed = settings(redis_url=url, redis_cluster=cluster, redis_timeout_ms=500, redis_cooldown_s=0.01)
    async with running(changed) as service:
        await ask_often(service)


async def test_a_wrong_password_costs_no_request(redis_server: RedisProcess) -> None:
    with redis_server.client as client:
        client.config_set("requirepass", "right")
    changed = settings(redis_url=f"redis://:wrong@127.0.0.1:{redis_server.port}/0", redis_timeout_ms=2000)
    async with running(changed) as service:
        await ask_often(service)
        assert service.metric("redis_errors_total", operation="get", kind="authentication") == 1


@pytest.mark.parametrize(
    "error",
    [AttributeError, IndexError, AssertionError, ValueError, RuntimeError, KeyError, RecursionError, MemoryError],
)
@pytest.mark.parametrize("cluster", [False, True])
async def test_any_error_of_the_client_is_the_store_s(
    error: type[Exception], cluster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumble(*_: Any, **__: Any) -> None:
        raise error("with a text of a client")

    monkeypatch.setattr(ClusterPipeline if cluster else Redis, "execute" if cluster else "mget", stumble)
    client = connect("redis://127.0.0.1:1/0", timeout_s=1, connections=1, cluster=cluster)
    store = RedisValues(client, Metrics(), timeout_s=1)
    with pytest.raises(StoreUnavailableError, match=rf"^Redis: {error.__name__}$"):
        await store.get_many(["a"])
    await client.aclose()


async def test_a_stalled_event_loop_is_not_redis_s_fault(redis_server: RedisProcess) -> None:
    metrics = Metrics()
    client = connect(redis_server.url, timeout_s=0.05, connections=4)
    store = RedisValues(client, metrics, timeout_s=0.05)
    asking = asyncio.create_task(store.put_many({"a": b"1"}, None))
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 -- as a collection of garbage would
    with pytest.raises(OwnDelayError):
        await asking
    stalled = metrics.registry.get_sample_value("edge_rank_redis_errors_total", {"operation": "put", "kind": "stalled"})
    assert stalled == 1
    await client.aclose()


async def test_a_cluster_that_comes_later_is_found() -> None:
    port = free_port()
    changed = settings(
        redis_url=f"redis://127.0.0.1:{port}/0",
        redis_cluster=True,
        redis_timeout_ms=500,
        redis_cooldown_s=0.05,
        memory_ttl_s=0.001,
    )
    async with running(changed) as service:
        assert (await service.rank(query="bill", candidates=candidates(TEXTS)))["degraded"] == ["feature_store"]
        redis = FakeRedis(always(None), port)
        redis.answer = one_node(lambda: port, without_keys)
        async with await asyncio.start_server(redis.serve, "127.0.0.1", port):
            async with asyncio.timeout(10):
                while (await service.rank(query="bill", candidates=candidates(TEXTS)))["degraded"]:  # noqa: ASYNC110 -- nobody tells
                    await asyncio.sleep(0.01)
            await redis.close()


async def test_more_lookups_than_connections_wait_for_their_turns_in_a_cluster() -> None:
    async with fake_redis(always(None)) as redis:
        redis.answer = one_node(lambda: redis.port, without_keys)
        client = connect(redis.url, timeout_s=5, connections=2, cluster=True)
        store = RedisValues(client, Metrics(), timeout_s=5)
        found = await asyncio.gather(*[store.get_many([f"{number}"]) for number in range(60)])
        assert found == [[None]] * 60
        assert redis.opened <= 4
        await client.aclose()
