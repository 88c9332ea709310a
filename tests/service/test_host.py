import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from service.artifact import RANKER, ArtifactError, load_artifact
from service.catalogue import Item
from service.heads.errors import HeadError
from service.ranking.weights import default_weights, ranker_json
from tests.service.apps import RunningApp, candidates, fake_model, running, settings, until
from tests.service.artifacts import build_artifact
from tests.service.encoders import GatedEncoder
from tests.service.heads.heads import build_head
from tests.service.security.test_api_keys import digest

BODY = {"query": "pay the bill", "candidates": candidates({"bill": "split bill", "taxi": "taxi ride"})}
CATALOGUE = [Item("known", "Train", "train ticket", None)]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of artifacts: `first`, `second` and `broken`."""
    folder = tmp_path / "models"
    build_artifact(folder / "first")
    build_artifact(folder / "second", files={RANKER: ranker_json(default_weights()).encode() + b"\n"})
    build_artifact(folder / "broken")
    (folder / "broken" / RANKER).write_text("{}")
    return folder


async def test_another_model_takes_over(models: Path) -> None:
    async with running(settings(model=models / "first"), catalogue=CATALOGUE, from_folder=True) as service:
        first = await service.rank(**BODY)
        model = await service.components.host.swap(models / "second")
        second = await service.rank(**BODY)
        assert second["model"] == model.label != first["model"]
        assert second["results"] == first["results"]
        assert second["usage"]["cached_items"] == 0, "vectors of the old model were used"
        known = await service.rank(query="train", candidates=[{"id": "known"}])
        assert known["results"][0]["status"] == "ok"
        assert service.metric("model_info", name="tiny", revision=model.manifest.revision) == 1
        assert service.metric("model_swaps_total", outcome="done") == 1


async def test_a_bad_model_is_refused_and_the_old_one_serves_on(models: Path) -> None:
    async with running(settings(model=models / "first"), from_folder=True) as service:
        first = await service.rank(**BODY)
        for folder in ("broken", "none"):
            with pytest.raises(ArtifactError):
                await service.components.host.swap(models / folder)
        assert (await service.rank(**BODY))["model"] == first["model"]
        assert service.metric("model_swaps_total", outcome="refused") == 2


async def test_a_request_ends_with_the_model_that_it_began_with(models: Path) -> None:
    encoder = GatedEncoder()
    async with running(model=fake_model(encoder)) as service:
        slow = asyncio.create_task(service.rank(**BODY))
        await until(lambda: service.metric("requests_in_flight") == 1)
        await service.components.host.swap(models / "second")
        quick = await service.rank(**BODY)
        assert not slow.done()
        encoder.gate.set()
        assert (await slow)["model"].startswith("fake@")
        assert quick["model"].startswith("tiny@")


async def test_no_request_fails_while_models_are_swapped(models: Path) -> None:
    async with running(settings(model=models / "first"), from_folder=True) as service:
        labels: set[str] = set()
        done = asyncio.Event()

        async def ask() -> None:
            while not done.is_set():
                labels.add((await service.rank(**BODY))["model"])
                await asyncio.sleep(0)  # in process, a request whose vectors are known never gives way

        asking = [asyncio.create_task(ask()) for _ in range(4)]
        for name in ("second", "first", "second"):
            await service.components.host.swap(models / name)
            await service.rank(**BODY)
        done.set()
        await asyncio.gather(*asking)
        assert len(labels) == 2


async def test_a_hangup_reads_the_model_anew(models: Path) -> None:
    link = models / "current"
    link.symlink_to(models / "first")
    async with running(settings(model=link), from_folder=True) as service:
        first = (await service.rank(**BODY))["model"]
        link.unlink()
        link.symlink_to(models / "broken")
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: service.metric("model_swaps_total", outcome="refused"))
        assert (await service.rank(**BODY))["model"] == first
        link.unlink()
        link.symlink_to(models / "second")
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: service.metric("model_swaps_total", outcome="done"))
        assert (await service.rank(**BODY))["model"] != first


async def label(service: RunningApp) -> str:
    response = await service.client.post("/v1/classify", json={"head": "topics", "inputs": ["pay the bill"]})
    assert response.status_code == 200, response.text
    answer: dict[str, str] = response.json()
    return f"{answer['model']} {answer['head']}"


async def test_heads_are_swapped_with_their_model(models: Path, tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    made = {
        name: build_head(heads / name, load_artifact(models / name).manifest, classes=classes)
        for name, classes in {"first": ("a", "b"), "second": ("a", "b", "c")}.items()
    }
    async with running(settings(model=models / "first", heads=heads), from_folder=True) as service:
        before = await label(service)
        model = await service.components.host.swap(models / "second")
        assert await label(service) == f"{model.label} {made['second'].label}"
        await service.components.host.swap(models / "first")
        assert await label(service) == before
        info = (await service.client.get("/v1/info")).json()
        assert info["heads"]["topics"]["classes"] == ["a", "b"]


async def test_a_model_that_a_head_does_not_fit_is_refused_and_the_old_one_serves_on(
    models: Path, tmp_path: Path
) -> None:
    heads = tmp_path / "heads"
    build_head(heads / "topics", load_artifact(models / "first").manifest)
    async with running(settings(model=models / "first", heads=heads), from_folder=True) as service:
        before = await label(service)
        with pytest.raises(HeadError, match="belongs to the model"):
            await service.components.host.swap(models / "second")
        assert await label(service) == before
        assert service.metric("model_swaps_total", outcome="refused") == 1


async def test_heads_are_read_anew_with_the_same_model(models: Path, tmp_path: Path) -> None:
    heads, backbone = tmp_path / "heads", load_artifact(models / "first").manifest
    heads.mkdir()
    async with running(settings(model=models / "first", heads=heads), from_folder=True) as service:
        build_head(heads / "topics", backbone)
        await service.components.host.swap(models / "first")
        assert await label(service)
        assert service.metric("classified_inputs_total", head="topics") == 1


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.toml"
    path.write_text(
        f'[keys.app]\nsha256 = "{digest("app")}"\n[keys.operations]\nsha256 = "{digest("ops")}"\nadmin = true\n'
    )
    return path


async def admin(service: RunningApp, body: dict[str, Any], key: str | None = "ops") -> tuple[int, dict[str, Any]]:
    headers = {"X-API-Key": key} if key else {}
    response = await service.client.post("/v1/admin/model", json=body, headers=headers)
    return response.status_code, response.json()


async def test_an_admin_has_a_model_served_by_name(models: Path, keys_file: Path) -> None:
    changed = settings(model=models / "first", models=models, api_keys_file=keys_file)
    async with running(changed, from_folder=True) as service:
        assert (await admin(service, {"model": "second"}))[0] == 200
        status, answer = await admin(service, {})
        assert status == 200
        assert answer["model"].startswith("tiny@")
        for name in ("broken", "none"):
            status, answer = await admin(service, {"model": name})
            assert status == 409
            assert answer["error"]["code"] == "model_refused"
            assert str(models) not in str(answer)
        for name in ("..", "../first", "a/b", ".hidden"):
            assert (await admin(service, {"model": name}))[0] == 422


async def test_nobody_else_has(models: Path, keys_file: Path) -> None:
    changed = settings(model=models / "first", models=models, api_keys_file=keys_file)
    async with running(changed, from_folder=True) as service:
        assert (await admin(service, {"model": "second"}, "app"))[0] == 403
        assert (await admin(service, {"model": "second"}, None))[0] == 401
    async with running(settings(model=models / "first", models=models), from_folder=True) as service:
        assert (await admin(service, {"model": "second"}, None))[0] == 403
