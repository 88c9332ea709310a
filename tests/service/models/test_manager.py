import asyncio
import os
import shutil
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loadtests.harness.redis_process import RedisProcess
from service.api.app import create_app
from service.artifact.artifact import CARD, MODEL, RANKER, VOCABULARY, ArtifactError, TaskRecord, load_artifact
from service.encoder.base import Encoding
from service.encoder.batcher import EncoderError
from service.feature_store.items.item import Item
from service.heads.manifest import HeadError
from service.ranking.weights import default_weights, ranker_json
from tests.service.apps import RunningApp, candidates, fake_model, running, settings, until
from tests.service.artifacts import OTHER_VOCABULARY, build_artifact, layered_graph
from tests.service.encoders import FakeEncoder, GatedEncoder
from tests.service.heads.heads import build_head
from tests.service.security.test_api_keys import digest

BODY = {"query": "pay the bill", "candidates": candidates({"bill": "split bill", "taxi": "taxi ride"})}
CATALOGUE = [Item("known", "Train", "train ticket", None)]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of artifacts: `first`, `second` of another encoder, `reranked` of that of `first`, and `broken`."""
    folder = tmp_path / "models"
    build_artifact(folder / "first")
    build_artifact(folder / "second", files={VOCABULARY: OTHER_VOCABULARY})
    ranker = ranker_json(default_weights()).encode() + b"\n"
    build_artifact(folder / "reranked", files={RANKER: ranker, CARD: b"# Another card"})
    build_artifact(folder / "broken")
    (folder / "broken" / RANKER).write_text("{}")
    return folder


async def test_another_model_takes_over(models: Path) -> None:
    async with running(settings(model=models / "first"), catalogue=CATALOGUE, from_folder=True) as service:
        first = await service.rank(**BODY)
        model = await service.container.models.swap(models / "second")
        second = await service.rank(**BODY)
        assert second["model"] == model.label != first["model"]
        assert second["results"] == first["results"]
        assert second["usage"]["cached_items"] == 0, "vectors of the old model were used"
        known = await service.rank(query="train", candidates=[{"id": "known"}])
        assert known["results"][0]["status"] == "ok"
        assert service.metric("model_info", name="tiny", revision=model.manifest.revision) == 1
        assert service.metric("model_swaps_total", outcome="done") == 1


@dataclass(frozen=True)
class Answers:
    """The answers about a stored item, a catalogue item and a query, and the number of texts embedded for them."""

    ranked: list[tuple[str, float, str]]
    label: dict[str, Any]
    usage: dict[str, int]


async def answers(service: RunningApp) -> Answers:
    ranked = await service.rank(query="pay the bill", candidates=[{"id": "put"}, {"id": "known"}])
    classified = await service.client.post("/v1/classify", json={"head": "topics", "inputs": ["pay the bill"]})
    assert classified.status_code == 200, classified.text
    results = [(one["id"], one["score"], one["status"]) for one in ranked["results"]]
    return Answers(results, classified.json()["results"][0], ranked["usage"])


async def test_a_model_of_the_same_encoder_takes_over_all_that_is_remembered(models: Path, tmp_path: Path) -> None:
    build_head(tmp_path / "heads" / "topics", load_artifact(models / "first").manifest)
    changed = settings(model=models / "first", heads=tmp_path / "heads")
    async with running(changed, catalogue=CATALOGUE, from_folder=True) as service:
        await service.client.put("/v1/items", json={"items": [{"id": "put", "text": "split bill"}]})
        await answers(service)
        before, embedded = await answers(service), service.metric("encoded_texts_total")
        model = await service.container.models.swap(models / "reranked")
        assert service.metric("encoded_texts_total") == embedded, "the catalogue was embedded anew"
        after = await answers(service)
        assert after == before
        assert [status for *_, status in after.ranked] == ["ok", "ok"]
        assert after.usage["encoded_texts"] == 0
        assert service.metric("memory_items") == 2
        info = (await service.client.get("/v1/info")).json()
        assert info["revision"] == model.manifest.revision != load_artifact(models / "first").manifest.revision
        assert info["encoder_revision"] == model.manifest.encoder_revision


async def test_a_model_of_another_encoder_reads_what_was_put_anew(models: Path) -> None:
    async with running(settings(model=models / "first"), catalogue=CATALOGUE, from_folder=True) as service:
        await service.client.put("/v1/items", json={"items": [{"id": "put", "text": "split bill"}]})
        await service.container.models.swap(models / "second")
        answer = await service.rank(candidates=[{"id": "put"}, {"id": "known"}])
        assert {one["id"]: one["status"] for one in answer["results"]} == {"put": "ok", "known": "ok"}


async def test_redis_knows_items_whichever_encoder_read_them(models: Path, redis_server: RedisProcess) -> None:
    changed = {"redis_url": redis_server.url, "redis_timeout_ms": 2000}
    async with running(settings(model=models / "first", **changed), from_folder=True) as service:
        await service.client.put("/v1/items", json={"items": [{"id": "put", "text": "split bill"}]})
    for name in ("reranked", "second", "first"):
        async with running(settings(model=models / name, **changed), from_folder=True) as service:
            answer = await service.rank(candidates=[{"id": "put"}])
            assert answer["results"][0]["status"] == "ok"


async def test_a_redis_that_is_down_is_left_alone_by_the_next_model_too(models: Path) -> None:
    down = settings(model=models / "first", redis_url="redis://127.0.0.1:1/0", redis_cooldown_s=1000)
    async with running(down, from_folder=True) as service:
        await service.rank(**BODY)
        assert service.metric("redis_errors_total", operation="get", kind="connection") == 1
        await service.container.models.swap(models / "second")
        assert service.metric("tier_available", tier="redis") == 0
        await service.rank(**BODY)
        assert service.metric("redis_errors_total", operation="get", kind="connection") == 1


def encoding_threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name.startswith("encode")}


async def test_a_swap_that_is_cancelled_leaves_no_threads_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = GatedEncoder("another")
    async with running(catalogue=CATALOGUE) as service:
        host, before = service.container.models, encoding_threads()
        monkeypatch.setattr("service.models.manager.load_to_serve", lambda *_, **__: fake_model(encoder))
        swap = asyncio.create_task(host.swap(Path("another")))
        await until(lambda: encoding_threads() - before)
        swap.cancel()
        with pytest.raises(asyncio.CancelledError):
            await swap
        encoder.gate.set()
        await until(lambda: encoding_threads() <= before)
        assert service.metric("memory_items") == len(CATALOGUE)
        assert (await service.rank(query="train", candidates=[{"id": "known"}]))["results"][0]["status"] == "ok"


class FailingEncoder(FakeEncoder):
    """Fails, as long as it is broken, at what comes in the second chunk of a catalogue of trains."""

    broken = True

    def encode(self, texts: Sequence[str]) -> Encoding:
        if self.broken and any(text in SECOND_CHUNK for text in texts):
            raise RuntimeError("out of memory")
        return super().encode(texts)


TRAINS = [Item(str(number), "Train", f"train {number}", None) for number in range(200)]
SECOND_CHUNK = {item.text for item in TRAINS[128:]}


async def test_a_swap_that_fails_half_way_leaves_the_old_model_and_the_metrics_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(catalogue=TRAINS) as service:
        before = encoding_threads()
        failing = fake_model(FailingEncoder(revision="another"))
        monkeypatch.setattr("service.models.manager.load_to_serve", lambda *_, **__: failing)
        with pytest.raises(EncoderError):
            await service.container.models.swap(Path("another"))
        await until(lambda: encoding_threads() <= before)
        assert service.metric("memory_items") == len(TRAINS)
        assert (await service.rank(candidates=[{"id": "199"}]))["results"][0]["status"] == "ok"
        assert service.metric("model_swaps_total", outcome="done") == 0


async def test_a_swap_while_the_catalogue_is_still_embedded_leaves_it_whole(models: Path) -> None:
    encoder = GatedEncoder()
    app = create_app(settings(), model=fake_model(encoder), catalogue=CATALOGUE)
    async with app.router.lifespan_context(app):
        container = app.state.container
        await container.models.swap(models / "first")
        assert container.readiness.reasons == ["catalogue"]
        encoder.gate.set()
        await until(lambda: not container.readiness.reasons)


async def test_a_model_that_overtakes_the_catalogue_ends_the_work_of_the_one_before(models: Path) -> None:
    many = [Item(str(number), "Train", f"train {number}", None) for number in range(400)]
    encoder = GatedEncoder()
    app = create_app(settings(model=models / "first"), model=fake_model(encoder), catalogue=many)
    async with app.router.lifespan_context(app):
        container = app.state.container
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: container.models.current.model.label.startswith("tiny@"))
        encoder.gate.set()
        await until(lambda: not container.readiness.reasons)
        assert sum(map(len, encoder.calls)) < len(many), "the old model embedded what nobody needs any more"
        assert len(container.models.current.store) == len(many)


async def test_a_model_that_is_refused_meanwhile_leaves_the_catalogue_s_load_alone(models: Path) -> None:
    encoder = GatedEncoder()
    app = create_app(settings(), model=fake_model(encoder), catalogue=CATALOGUE)
    async with app.router.lifespan_context(app):
        container = app.state.container
        with pytest.raises(ArtifactError):
            await container.models.swap(models / "broken")
        assert container.readiness.reasons == ["catalogue"]
        encoder.gate.set()
        await until(lambda: not container.readiness.reasons)
        assert container.models.current.store.pins("known")


async def test_a_catalogue_s_load_that_fails_goes_on_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("service.api.container._FIRST_PAUSE_S", 0.01)
    encoder = FailingEncoder()
    app = create_app(settings(), model=fake_model(encoder), catalogue=TRAINS)
    async with app.router.lifespan_context(app):
        container = app.state.container
        await until(lambda: "the catalogue could not be loaded; next try in 0.02 s" in caplog.messages)
        assert container.readiness.reasons == ["catalogue"]
        encoder.broken = False
        await until(lambda: not container.readiness.reasons)
        assert len(container.models.current.store) == len(TRAINS)
        assert sum(map(len, encoder.calls)) == len(TRAINS), "what was held already was embedded again"


async def test_a_model_that_works_ends_the_tries_of_one_that_does_not(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.container._FIRST_PAUSE_S", 0.01)
    app = create_app(settings(), model=fake_model(FailingEncoder()), catalogue=TRAINS)
    async with app.router.lifespan_context(app):
        container = app.state.container
        await container.models.swap(models / "first")
        await until(lambda: not container.readiness.reasons)
        assert len(container.models.current.store) == len(TRAINS)


async def test_a_catalogue_that_was_not_held_whole_is_with_the_next_model_of_the_encoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = create_app(settings(), model=fake_model(FailingEncoder()), catalogue=TRAINS)
    async with app.router.lifespan_context(app):
        host, whole = app.state.container.models, FakeEncoder()
        await until(lambda: len(app.state.container.models.current.store) == 128)
        monkeypatch.setattr("service.models.manager.load_to_serve", lambda *_, **__: fake_model(whole))
        await host.swap(Path("same"))
        assert len(host.current.store) == len(TRAINS)
        assert sum(map(len, whole.calls)) == len(TRAINS) - 128


async def test_a_bad_model_is_refused_and_the_old_one_serves_on(models: Path) -> None:
    async with running(settings(model=models / "first"), from_folder=True) as service:
        first = await service.rank(**BODY)
        for folder in ("broken", "none"):
            with pytest.raises(ArtifactError):
                await service.container.models.swap(models / folder)
        assert (await service.rank(**BODY))["model"] == first["model"]
        assert service.metric("model_swaps_total", outcome="refused") == 2


async def test_a_request_ends_with_the_model_that_it_began_with(models: Path) -> None:
    encoder = GatedEncoder()
    async with running(model=fake_model(encoder)) as service:
        slow = asyncio.create_task(service.rank(**BODY))
        await until(lambda: service.metric("requests_in_flight") == 1)
        await service.container.models.swap(models / "second")
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
            await service.container.models.swap(models / name)
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
        model = await service.container.models.swap(models / "second")
        assert await label(service) == f"{model.label} {made['second'].label}"
        await service.container.models.swap(models / "first")
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
            await service.container.models.swap(models / "second")
        assert await label(service) == before
        assert service.metric("model_swaps_total", outcome="refused") == 1


async def test_heads_are_read_anew_with_the_same_model(models: Path, tmp_path: Path) -> None:
    heads, backbone = tmp_path / "heads", load_artifact(models / "first").manifest
    heads.mkdir()
    async with running(settings(model=models / "first", heads=heads), from_folder=True) as service:
        build_head(heads / "topics", backbone)
        await service.container.models.swap(models / "first")
        assert await label(service)
        assert service.metric("classified_inputs_total", head="topics") == 1


async def test_packs_follow_their_model_and_task_models_stay(tmp_path: Path) -> None:
    models, heads = tmp_path / "models", tmp_path / "heads"
    for seed, name in enumerate(("first", "second")):
        build_artifact(models / name, files={MODEL: layered_graph(seed)}, name=name)
        build_head(heads / name, load_artifact(models / name).manifest, rank=2)
    build_artifact(heads / "task", name="task", task=TaskRecord(kind="text", classes=("no", "yes")))

    async def decided(service: RunningApp) -> list[Any]:
        body = {"heads": ["topics", "task"], "inputs": ["pay the bill"], "top_k": 3}
        results: list[Any] = (await service.client.post("/v1/classify", json=body)).json()["results"]
        return results

    async with running(settings(model=models / "first", heads=heads), from_folder=True) as service:
        pack, task = await decided(service)
        await service.container.models.swap(models / "second")
        other_pack, same_task = await decided(service)
        assert (other_pack != pack, same_task) == (True, task)
        await service.container.models.swap(models / "first")
        assert await decided(service) == [pack, task]
        shutil.rmtree(heads / "second")
        with pytest.raises(HeadError, match="belongs to the model first"):
            await service.container.models.swap(models / "second")
        with pytest.raises(ArtifactError, match="is a task model, which only classifies"):
            await service.container.models.swap(heads / "task")
        assert await decided(service) == [pack, task]


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.toml"
    path.write_text(
        f'[keys.app]\nsha256 = "{digest("app")}"\n[keys.operations]\nsha256 = "{digest("ops")}"\nrights = ["admin"]\n'
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


def canary(folder: Path, model: str) -> Path:
    """An experiment whose users `user-1` stay with the model that serves, and `user-7` get another."""
    path = folder / "experiment.toml"
    path.write_text(
        'name = "words-matter"\n[arms.control]\nshare = 0.9\nranker = "fused"\n'
        f'[arms.canary]\nshare = 0.1\nmodel = "{model}"\n'
    )
    return path


async def test_an_arm_s_model_serves_its_users_alone(models: Path, tmp_path: Path) -> None:
    decided = settings(model=models / "first", models=models, experiment=canary(tmp_path, "second"))
    async with running(decided, catalogue=CATALOGUE, from_folder=True) as service:
        put = await service.client.put("/v1/items", json={"items": [{"id": "put", "text": "split bill"}]})
        asked: dict[str, Any] = {"query": "pay the bill", "candidates": [{"id": "put"}, {"id": "known"}]}
        plain = await service.rank(**asked, user={"id": "user-1"})
        other = await service.rank(**asked, user={"id": "user-7"})
        told = (await service.client.get("/v1/info")).json()["experiment"]["arms"]
        assert put.json()["model"] == plain["model"] != other["model"] == told["canary"]["model"]
        assert (plain["variant"], other["variant"], told["control"]["model"]) == ("control", "canary", None)
        assert [one["status"] for one in [*plain["results"], *other["results"]]] == ["ok"] * 4
        assert (plain["usage"]["missing_items"], other["usage"]["missing_items"]) == (0, 0)
        again = await service.rank(**asked, user={"id": "user-7"})
        assert again["usage"]["encoded_texts"] == 0, "the arm's encoder remembers"
        await service.container.models.swap(models / "reranked")
        assert (await service.rank(**asked, user={"id": "user-7"}))["model"] == other["model"]
        assert (await service.rank(**asked, user={"id": "user-1"}))["model"] != plain["model"]


async def test_an_arm_s_model_of_the_same_encoder_shares_what_is_remembered(models: Path, tmp_path: Path) -> None:
    decided = settings(model=models / "first", models=models, experiment=canary(tmp_path, "reranked"))
    async with running(decided, catalogue=CATALOGUE, from_folder=True) as service:
        plain = await service.rank(**BODY, user={"id": "user-1"})
        other = await service.rank(**BODY, user={"id": "user-7"})
        assert plain["model"] != other["model"]
        assert plain["usage"]["encoded_texts"] == 3
        assert other["usage"]["encoded_texts"] == 0
        # The arm's model takes over from the one that serves: both stay, and the metrics say so.
        await service.container.models.swap(models / "reranked")
        revision = load_artifact(models / "reranked").manifest.revision
        assert service.metric("model_info", name="tiny", revision=revision) == 1
        await service.container.models.swap(models / "first")
        assert service.metric("model_info", name="tiny", revision=revision) == 1


async def test_an_arm_s_model_that_may_not_be_served_is_refused_at_start(models: Path, tmp_path: Path) -> None:
    decided = settings(model=models / "first", models=models, experiment=canary(tmp_path, "broken"))
    with pytest.raises(ArtifactError):
        async with running(decided, from_folder=True):
            pass
