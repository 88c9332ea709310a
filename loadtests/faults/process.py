"""Faults of the service's process: pauses, and model swaps, some of them to invalid models."""

import asyncio
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from loadtests.faults.redis import redis_settings
from loadtests.faults.scene import Fault, Scene
from loadtests.harness.processes import Serving
from loadtests.harness.redis_process import redis_executable, redis_process
from service.security.api_keys import new_key
from service.settings import BUNDLED_MODEL

_SWAP_S = 30.0


@asynccontextmanager
async def held_up() -> AsyncIterator[Scene]:
    """The process is stopped for a fifth of a second, repeatedly; Redis is well."""
    with redis_process(redis_executable()) as redis:

        async def strike(service: Serving) -> None:
            for _ in range(6):
                os.kill(service.pid, signal.SIGSTOP)
                await asyncio.sleep(0.2)
                os.kill(service.pid, signal.SIGCONT)
                await asyncio.sleep(0.4)

        yield Scene(redis_settings(redis), strike=strike)


@asynccontextmanager
async def model_swapped() -> AsyncIterator[Scene]:
    """The model is swapped four times, and once for an invalid one."""
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
    """An admin swaps the model by name four times, and once for an invalid one."""
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        for name in ("one", "two", "bad"):
            shutil.copytree(BUNDLED_MODEL, models / name)
        (models / "bad" / "vocab.txt").write_text("[PAD]\n")
        swaps = [(name, name != "bad") for name in ("two", "bad", "one", "two", "one")]
        scene = _scene_of_an_admin(Path(folder), swaps, pause_s=0.3)
        yield replace(scene, environment={**scene.environment, "EDGE_RANK_MODEL": str(models / "one")})


@asynccontextmanager
async def strange_models() -> AsyncIterator[Scene]:
    """An admin names invalid models: a pipe as the graph, a manifest of 100 MB, impossible shapes, no vocabulary."""
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        for name, spoil in _SPOILT_MODELS.items():
            spoil(Path(shutil.copytree(BUNDLED_MODEL, models / name)))
        yield _scene_of_an_admin(Path(folder), [(name, False) for name in _SPOILT_MODELS])


def _scene_of_an_admin(folder: Path, swaps: Sequence[tuple[str, bool]], *, pause_s: float = 0.0) -> Scene:
    """An admin swaps models of `folder/models` by name.

    Args:
        folder: gets a file of keys.
        swaps: each model, and whether the service is to accept it.
        pause_s: after each swap.
    """
    keys = folder / "keys.toml"
    key, digest = new_key()
    keys.write_text(f'[keys.chaos]\nsha256 = "{digest}"\nrights = ["rank", "admin"]\n')
    headers = {"X-API-Key": key}

    async def strike(service: Serving) -> None:
        async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=_SWAP_S) as admin:
            for name, valid in swaps:
                answer = await admin.post("/v1/admin/model", json={"model": name})
                if answer.status_code != (httpx.codes.OK if valid else httpx.codes.CONFLICT):
                    raise SystemExit(f"to serve the model {name}: status {answer.status_code}")
                await asyncio.sleep(pause_s)

    return Scene({"EDGE_RANK_MODELS": str(folder / "models"), "EDGE_RANK_API_KEYS_FILE": str(keys)}, headers, strike)


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


PROCESS_FAULTS = (
    Fault("service held up", held_up),
    Fault("model swapped by SIGHUP", model_swapped),
    Fault("model swapped by an admin", model_swapped_by_an_admin),
    Fault("models that are none", strange_models),
)
