"""Apps for tests: one with the fake encoder, started and stopped around a client that talks to it in process."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
from fastapi import FastAPI

from service.api.app import create_app
from service.api.container import Container
from service.artifact.artifact import FileEntry
from service.encoder.base import Encoder
from service.encoder.onnx_run import count_runs
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.metrics.registry import Metrics
from service.models.model import Model, load_model
from service.ranking.weights import default_weights
from service.settings import BUNDLED_MODEL, DEMO_CATALOGUE, Settings
from service.text.windows import MOST_WINDOWS
from tests.service.artifacts import manifest_of
from tests.service.encoders import FakeEncoder


@dataclass(frozen=True)
class RunningApp:
    app: FastAPI
    client: httpx.AsyncClient

    @property
    def container(self) -> Container:
        container: Container = self.app.state.container
        return container

    def metric(self, name: str, /, **labels: str) -> float:
        return self.container.metrics.registry.get_sample_value(f"edge_rank_{name}", labels) or 0.0

    async def rank(self, **body: Any) -> dict[str, Any]:
        response = await self.client.post("/v1/rank", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


def fake_model(encoder: Encoder | None = None) -> Model:
    manifest = manifest_of({"weights": FileEntry(bytes=1, sha256="0" * 64, device=True)}, name="fake", dimension=64)
    return Model(manifest, encoder or FakeEncoder(), default_weights())


def settings(**changes: Any) -> Settings:
    """Settings; items live in the process, if nothing else is said."""
    if "redis_url" not in changes and changes.get("workers", 1) == 1:
        changes.setdefault("store", "memory")
    return Settings(**changes)


@asynccontextmanager
async def running(
    changed: Settings | None = None,
    *,
    model: Model | None = None,
    catalogue: Sequence[Item] = (),
    from_folder: bool = False,
) -> AsyncIterator[RunningApp]:
    """Start an app, wait until it is ready, and stop it at the end.

    Its model is the one given, or the fake one; or, `from_folder`, the one that the settings name.
    """
    app = create_app(changed or settings(), model=None if from_folder else model or fake_model(), catalogue=catalogue)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://edge-rank") as client,
    ):
        with anyio.fail_after(30):
            while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 -- asked as a probe asks
                await anyio.sleep(0.005)
        yield RunningApp(app, client)


async def until(happened: Callable[[], object]) -> None:
    """Wait until something has happened, 10 s at most."""
    with anyio.fail_after(10):
        while not happened():  # noqa: ASYNC110 -- what happens tells nobody
            await anyio.sleep(0.002)


def ids(answer: dict[str, Any]) -> list[str]:
    return [result["id"] for result in answer["results"]]


def candidates(texts: dict[str, str]) -> list[dict[str, str]]:
    return [{"id": item_id, "text": text} for item_id, text in texts.items()]


def bundled_model(most_windows: int = MOST_WINDOWS) -> Model:
    return load_model(
        BUNDLED_MODEL, run_tokens=settings().run_tokens, on_run=count_runs(Metrics()), most_windows=most_windows
    )


@asynccontextmanager
async def running_bundled() -> AsyncIterator[RunningApp]:
    """Start an app with the bundled model on the demo catalogue."""
    async with running(model=bundled_model(), catalogue=read_catalogue(DEMO_CATALOGUE)) as app:
        yield app
