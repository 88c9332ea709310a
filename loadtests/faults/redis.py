"""Faults of a single Redis and of the connection to it."""

import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trustme

from loadtests.faults.fake_redis import Answer, always, fake_redis, one_node, without_keys
from loadtests.faults.proxy import Fault as Spoilt
from loadtests.faults.proxy import fault_proxy
from loadtests.faults.scene import Fault, Scene, SceneManager, doing
from loadtests.harness.processes import Serving
from loadtests.harness.redis_process import RedisProcess, redis_executable, redis_process

LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"


def redis_settings(redis: RedisProcess, *, cluster: bool = False) -> dict[str, str]:
    """The settings of a service that uses this Redis."""
    return {"EDGE_RANK_REDIS_URL": redis.url, **({"EDGE_RANK_REDIS_CLUSTER": "true"} if cluster else {})}


@asynccontextmanager
async def dead_at_start() -> AsyncIterator[Scene]:
    """Redis is not there when the service starts, and comes later."""
    with redis_process(redis_executable()) as redis:
        redis.kill()
        yield Scene(redis_settings(redis), mend=doing(redis.start))


@asynccontextmanager
async def killed() -> AsyncIterator[Scene]:
    """Redis crashes and comes back empty."""
    with redis_process(redis_executable()) as redis:
        yield Scene(redis_settings(redis), strike=doing(redis.kill), mend=doing(redis.start))


@asynccontextmanager
async def hanging() -> AsyncIterator[Scene]:
    """Redis keeps its connections and answers nothing."""
    with redis_process(redis_executable()) as redis:
        yield Scene(redis_settings(redis), strike=doing(redis.freeze), mend=doing(redis.thaw))


@asynccontextmanager
async def full() -> AsyncIterator[Scene]:
    """Redis has no memory left and refuses writes."""
    with redis_process(redis_executable(), "--maxmemory-policy", "noeviction") as redis:

        def fill() -> None:
            with redis.client as client:
                client.flushall()
                client.config_set("maxmemory", 1)

        def grow() -> None:
            with redis.client as client:
                client.config_set("maxmemory", 0)

        yield Scene(redis_settings(redis), strike=doing(fill), mend=doing(grow))


@asynccontextmanager
async def emptied() -> AsyncIterator[Scene]:
    """Redis is restarted, without what it held."""
    with redis_process(redis_executable()) as redis:
        yield Scene(redis_settings(redis), strike=doing(redis.kill, redis.start))


@asynccontextmanager
async def corrupt() -> AsyncIterator[Scene]:
    """Every value in Redis is overwritten with bytes that are no features."""
    with redis_process(redis_executable()) as redis:

        def spoil() -> None:
            with redis.client as client:
                for key in client.scan_iter():
                    client.set(key, b"\x01 no features at all \xff")

        yield Scene(redis_settings(redis), strike=doing(spoil))


@asynccontextmanager
async def password_changed() -> AsyncIterator[Scene]:
    """Redis asks for another password than the service has."""
    with redis_process(redis_executable()) as redis:

        def change(old: str | None, new: str) -> None:
            with redis.client as client:
                client.connection_pool.connection_kwargs["password"] = old
                client.config_set("requirepass", new)
                client.client_kill_filter(_type="normal", skipme=True)

        change(None, "right")
        environment = {"EDGE_RANK_REDIS_URL": f"redis://:right@127.0.0.1:{redis.port}/0"}
        strike, mend = doing(lambda: change("right", "other")), doing(lambda: change("other", "right"))
        yield Scene(environment, strike=strike, mend=mend)


@asynccontextmanager
async def no_tls() -> AsyncIterator[Scene]:
    """Redis speaks no TLS, and the service does."""
    with redis_process(redis_executable()) as redis:
        yield Scene({"EDGE_RANK_REDIS_URL": f"rediss://127.0.0.1:{redis.port}/0"})


@asynccontextmanager
async def no_such_name() -> AsyncIterator[Scene]:
    """Redis's name has no address."""
    yield Scene({"EDGE_RANK_REDIS_URL": "redis://no-such-name.invalid:6379/0"})


def answering(answer: bytes, *, cluster: bool = False) -> SceneManager:
    """Whatever is asked of Redis, or of a cluster's node about its keys, is answered with the same bytes."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Scene]:
        async with fake_redis(always(None)) as redis:

            async def become(said: Answer) -> None:
                redis.answer = one_node(lambda: redis.port, said) if cluster else said

            await become(without_keys)
            environment = {"EDGE_RANK_REDIS_URL": redis.url, "EDGE_RANK_REDIS_CLUSTER": str(cluster).lower()}
            yield Scene(environment, strike=lambda _: become(always(answer)), mend=lambda _: become(without_keys))

    return scene


def spoilt(spoil: Spoilt, *, tls: bool = False) -> SceneManager:
    """What passes between the service and Redis is spoilt."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Scene]:
        with redis_process(redis_executable()) as redis, tempfile.TemporaryDirectory() as folder:
            context, options = (_certified(Path(folder))) if tls else (None, "")
            async with fault_proxy(redis.port, tls=context) as proxy:

                async def strike(_: Serving) -> None:
                    proxy.become(spoil)

                async def mend(_: Serving) -> None:
                    proxy.become(Spoilt.NONE)

                url = f"{'rediss' if tls else 'redis'}://127.0.0.1:{proxy.port}/0{options}"
                yield Scene({"EDGE_RANK_REDIS_URL": url}, strike=strike, mend=mend)

    return scene


def _certified(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context, and what a client's URL must say to trust it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    return context, f"?ssl_ca_certs={folder / 'authority.pem'}"


REDIS_FAULTS = (
    Fault("Redis dead at start", dead_at_start),
    Fault("Redis killed", killed),
    Fault("Redis hanging", hanging),
    Fault("Redis slow by 200 ms", spoilt(Spoilt.SLOW)),
    Fault("Redis silent", spoilt(Spoilt.SILENT)),
    Fault("Redis full", full),
    Fault("Redis answering garbage", spoilt(Spoilt.GARBAGE)),
    Fault("Redis values corrupt", corrupt),
    Fault("Redis restarted empty", emptied),
    Fault("Redis password changed", password_changed),
    Fault("Redis behind TLS cut off", spoilt(Spoilt.CLOSED, tls=True)),
    Fault("Redis loading", answering(LOADING)),
    Fault("Redis answering a thousand million", answering(b"*1000000000\r\n")),
    Fault("Redis without TLS", no_tls),
    Fault("Redis without an address", no_such_name),
)
