"""The faults that may befall the service, each with what it takes to make it happen and to mend it."""

import asyncio
import os
import re
import shutil
import signal
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import trustme

from loadtests.faults.false_redis import Answer, always, false_redis, knowing_nothing, one_node
from loadtests.faults.proxy import Fault as Spoilt
from loadtests.faults.proxy import fault_proxy
from loadtests.harness.processes import Serving
from loadtests.harness.redis_cluster import redis_cluster
from loadtests.harness.redis_process import RedisProcess, redis_executable, redis_process
from service.security.api_keys import new_key
from service.settings import BUNDLED_MODEL

_SWAP_S = 30.0
_LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"
Act = Callable[[Serving], Coroutine[None, None, None]]


def _doing(*steps: Callable[[], object]) -> Act:
    async def act(_: Serving) -> None:
        for step in steps:
            await asyncio.to_thread(step)

    return act


async def nothing(_: Serving) -> None:
    """Let all be as it is."""


@dataclass(frozen=True)
class Scene:
    """What a fault needs.

    Attributes:
        environment: of the service.
        headers: of every request.
        strike: makes it happen.
        mend: ends it.
    """

    environment: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    strike: Act = nothing
    mend: Act = nothing


@dataclass(frozen=True)
class Fault:
    """A fault by name, and its scene: a context manager that starts what it needs and ends it."""

    name: str
    scene: Callable[[], AbstractAsyncContextManager[Scene]]


@asynccontextmanager
async def dead_at_start() -> AsyncIterator[Scene]:
    """Redis is not there when the service starts, and comes later."""
    with redis_process(redis_executable()) as redis:
        redis.kill()
        yield Scene(_redis(redis), mend=_doing(redis.start))


@asynccontextmanager
async def killed() -> AsyncIterator[Scene]:
    """Redis crashes and comes back empty."""
    with redis_process(redis_executable()) as redis:
        yield Scene(_redis(redis), strike=_doing(redis.kill), mend=_doing(redis.start))


@asynccontextmanager
async def hanging() -> AsyncIterator[Scene]:
    """Redis keeps its connections and answers nothing."""
    with redis_process(redis_executable()) as redis:
        yield Scene(_redis(redis), strike=_doing(redis.freeze), mend=_doing(redis.thaw))


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

        yield Scene(_redis(redis), strike=_doing(fill), mend=_doing(grow))


@asynccontextmanager
async def emptied() -> AsyncIterator[Scene]:
    """Redis is restarted, without what it held."""
    with redis_process(redis_executable()) as redis:
        yield Scene(_redis(redis), strike=_doing(redis.kill, redis.start))


@asynccontextmanager
async def corrupt() -> AsyncIterator[Scene]:
    """Every value in Redis is overwritten with bytes that are no features."""
    with redis_process(redis_executable()) as redis:

        def spoil() -> None:
            with redis.client as client:
                for key in client.scan_iter():
                    client.set(key, b"\x01 no features at all \xff")

        yield Scene(_redis(redis), strike=_doing(spoil))


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
        strike, mend = _doing(lambda: change("right", "other")), _doing(lambda: change("other", "right"))
        yield Scene(environment, strike=strike, mend=mend)


@asynccontextmanager
async def cluster_node_killed() -> AsyncIterator[Scene]:
    """A cluster of six nodes loses a primary; its replica takes over."""
    with redis_cluster(redis_executable()) as nodes:
        yield Scene(_cluster(nodes[0]), strike=_doing(nodes[1].kill), mend=_doing(nodes[1].start))


@asynccontextmanager
async def cluster_dead_at_start() -> AsyncIterator[Scene]:
    """No node of a cluster is there when the service starts; all come later."""
    with redis_cluster(redis_executable()) as nodes:
        for node in nodes:
            node.kill()
        yield Scene(_cluster(nodes[0]), mend=_doing(*[node.start for node in nodes]))


@asynccontextmanager
async def cluster_killed() -> AsyncIterator[Scene]:
    """All nodes of a cluster crash, and come back empty."""
    with redis_cluster(redis_executable()) as nodes:
        strike, mend = ([getattr(node, do) for node in nodes] for do in ("kill", "start"))
        yield Scene(_cluster(nodes[0]), strike=_doing(*strike), mend=_doing(*mend))


@asynccontextmanager
async def cluster_primary_lost() -> AsyncIterator[Scene]:
    """A cluster loses a primary for good; its replica takes over."""
    with redis_cluster(redis_executable()) as nodes:
        yield Scene(_cluster(nodes[0]), strike=_doing(nodes[1].kill))


@asynccontextmanager
async def no_cluster() -> AsyncIterator[Scene]:
    """Redis is one server, and the service is told that it is a cluster."""
    with redis_process(redis_executable()) as redis:
        yield Scene(_cluster(redis))


@asynccontextmanager
async def a_cluster() -> AsyncIterator[Scene]:
    """Redis is a cluster, and the service is not told so: most keys lie elsewhere."""
    with redis_cluster(redis_executable()) as nodes:
        yield Scene(_redis(nodes[0]))


@asynccontextmanager
async def no_tls() -> AsyncIterator[Scene]:
    """Redis speaks no TLS, and the service does."""
    with redis_process(redis_executable()) as redis:
        yield Scene({"EDGE_RANK_REDIS_URL": f"rediss://127.0.0.1:{redis.port}/0"})


@asynccontextmanager
async def no_such_name() -> AsyncIterator[Scene]:
    """Redis's name has no address."""
    yield Scene({"EDGE_RANK_REDIS_URL": "redis://no-such-name.invalid:6379/0"})


def answering(answer: bytes, *, cluster: bool = False) -> Callable[[], AbstractAsyncContextManager[Scene]]:
    """Whatever is asked of Redis, or of a cluster's node about its keys, is answered with the same bytes."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Scene]:
        async with false_redis(always(None)) as redis:

            async def become(said: Answer) -> None:
                redis.answer = one_node(lambda: redis.port, said) if cluster else said

            await become(knowing_nothing)
            environment = {"EDGE_RANK_REDIS_URL": redis.url, "EDGE_RANK_REDIS_CLUSTER": str(cluster).lower()}
            yield Scene(environment, strike=lambda _: become(always(answer)), mend=lambda _: become(knowing_nothing))

    return scene


@asynccontextmanager
async def held_up() -> AsyncIterator[Scene]:
    """The system holds the service up for a fifth of a second, again and again; Redis is well."""
    with redis_process(redis_executable()) as redis:

        async def strike(service: Serving) -> None:
            for _ in range(6):
                os.kill(service.pid, signal.SIGSTOP)
                await asyncio.sleep(0.2)
                os.kill(service.pid, signal.SIGCONT)
                await asyncio.sleep(0.4)

        yield Scene(_redis(redis), strike=strike)


def spoilt(spoil: Spoilt, *, tls: bool = False) -> Callable[[], AbstractAsyncContextManager[Scene]]:
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


@asynccontextmanager
async def model_swapped() -> AsyncIterator[Scene]:
    """Another model takes over, four times; in between, one that may not be served."""
    with tempfile.TemporaryDirectory() as folder:
        link, good, bad = (Path(folder) / name for name in ("current", "good", "bad"))
        shutil.copytree(BUNDLED_MODEL, good)
        shutil.copytree(BUNDLED_MODEL, bad)
        (bad / "vocab.txt").write_text("[PAD]\n")
        link.symlink_to(BUNDLED_MODEL)

        async def strike(service: Serving) -> None:
            for target in (good, bad, BUNDLED_MODEL, good, BUNDLED_MODEL):
                link.unlink()
                link.symlink_to(target)
                os.kill(service.pid, signal.SIGHUP)
                await asyncio.sleep(0.9)

        yield Scene({"EDGE_RANK_MODEL": str(link)}, strike=strike)


@asynccontextmanager
async def model_swapped_by_an_admin() -> AsyncIterator[Scene]:
    """An admin has another model serve by name, four times; in between, one that may not be served."""
    with tempfile.TemporaryDirectory() as folder:
        models, keys = Path(folder) / "models", Path(folder) / "keys.toml"
        for name in ("one", "two", "bad"):
            shutil.copytree(BUNDLED_MODEL, models / name)
        (models / "bad" / "vocab.txt").write_text("[PAD]\n")
        key, digest = new_key()
        keys.write_text(f'[keys.chaos]\nsha256 = "{digest}"\nrights = ["rank", "admin"]\n')
        headers = {"X-API-Key": key}

        async def strike(service: Serving) -> None:
            async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=_SWAP_S) as admin:
                for name in ("two", "bad", "one", "two", "one"):
                    answer = await admin.post("/v1/admin/model", json={"model": name})
                    if answer.status_code != (httpx.codes.CONFLICT if name == "bad" else httpx.codes.OK):
                        raise SystemExit(f"to serve the model {name}: status {answer.status_code}")
                    await asyncio.sleep(0.3)

        environment = {
            "EDGE_RANK_MODEL": str(models / "one"),
            "EDGE_RANK_MODELS": str(models),
            "EDGE_RANK_API_KEYS_FILE": str(keys),
        }
        yield Scene(environment, headers, strike)


@asynccontextmanager
async def strange_models() -> AsyncIterator[Scene]:
    """An admin names folders that hold no model: a pipe, a manifest of 100 MB, shapes that are none, no vocabulary."""
    with tempfile.TemporaryDirectory() as folder:
        models, keys = Path(folder) / "models", Path(folder) / "keys.toml"
        for name, spoil in _SPOILT_MODELS.items():
            spoil(Path(shutil.copytree(BUNDLED_MODEL, models / name)))
        key, digest = new_key()
        keys.write_text(f'[keys.chaos]\nsha256 = "{digest}"\nadmin = true\n')
        headers = {"X-API-Key": key}

        async def strike(service: Serving) -> None:
            async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=_SWAP_S) as admin:
                for name in _SPOILT_MODELS:
                    answer = await admin.post("/v1/admin/model", json={"model": name})
                    if answer.status_code != httpx.codes.CONFLICT:
                        raise SystemExit(f"to serve the model {name}: status {answer.status_code}")

        yield Scene({"EDGE_RANK_MODELS": str(models), "EDGE_RANK_API_KEYS_FILE": str(keys)}, headers, strike)


def _piped(folder: Path) -> None:
    (folder / "onnx" / "model_int8.onnx").unlink()
    os.mkfifo(folder / "onnx" / "model_int8.onnx")


def _large(folder: Path) -> None:
    with (folder / "manifest.json").open("ab") as file:
        file.truncate(100 * 1024 * 1024)


def _shapeless(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(re.sub(r'"max_length": *\d+', '"max_length": -1', manifest.read_text()))


def _wordless(folder: Path) -> None:
    (folder / "vocab.txt").write_bytes(b"")


_SPOILT_MODELS = {"piped": _piped, "large": _large, "shapeless": _shapeless, "wordless": _wordless}


def _redis(redis: RedisProcess) -> dict[str, str]:
    return {"EDGE_RANK_REDIS_URL": redis.url}


def _cluster(node: RedisProcess) -> dict[str, str]:
    return {**_redis(node), "EDGE_RANK_REDIS_CLUSTER": "true"}


def _certified(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context, and what a client's URL must say to trust it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    return context, f"?ssl_ca_certs={folder / 'authority.pem'}"


FAULTS = (
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
    Fault("Redis cluster loses a primary", cluster_node_killed),
    Fault("Redis cluster loses a primary for good", cluster_primary_lost),
    Fault("Redis cluster killed", cluster_killed),
    Fault("Redis cluster dead at start", cluster_dead_at_start),
    Fault("Redis cluster loading", answering(_LOADING, cluster=True)),
    Fault("Redis cluster down", answering(b"-CLUSTERDOWN Hash slot not served\r\n", cluster=True)),
    Fault("Redis cluster moving for ever", answering(b"-MOVED 1 127.0.0.1:1\r\n", cluster=True)),
    Fault("Redis is no cluster", no_cluster),
    Fault("Redis is a cluster", a_cluster),
    Fault("Redis loading", answering(_LOADING)),
    Fault("Redis answering a thousand million", answering(b"*1000000000\r\n")),
    Fault("Redis without TLS", no_tls),
    Fault("Redis without an address", no_such_name),
    Fault("service held up", held_up),
    Fault("model swapped by SIGHUP", model_swapped),
    Fault("model swapped by an admin", model_swapped_by_an_admin),
    Fault("models that are none", strange_models),
)
