"""Items that clients have put, over processes, restarts and models: with real processes where it is about those."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from loadtests.harness.processes import Serving
from loadtests.harness.redis_process import RedisProcess
from service.artifact.artifact import VOCABULARY
from service.settings import Settings
from tests.service.apps import RunningApp, fake_model, running, settings, until
from tests.service.artifacts import OTHER_VOCABULARY, build_artifact
from tests.service.encoders import FakeEncoder, GatedEncoder
from tests.service.processes import serving, start

ITEMS = [{"id": f"item-{number}", "text": f"split bill {number}", "category": "money"} for number in range(300)]
Places = Callable[..., Settings]


@pytest.fixture(params=["memory", "embedded", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Settings of a service whose items live there."""

    def placed(**changes: Any) -> Settings:
        if request.param == "redis":
            redis: RedisProcess = request.getfixturevalue("redis_server")
            return settings(redis_url=redis.url, redis_timeout_ms=2000, **changes)
        return settings(store="memory" if request.param == "memory" else str(tmp_path / "store"), **changes)

    return placed


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    build_artifact(folder / "first")
    build_artifact(folder / "second", files={VOCABULARY: OTHER_VOCABULARY})
    return folder


async def put(service: RunningApp, items: list[dict[str, str]]) -> None:
    answer = await service.client.put("/v1/items", json={"items": items})
    assert answer.status_code == 200, answer.text
    assert answer.json()["degraded"] == []


async def asked(service: RunningApp, *ids: str) -> tuple[set[str], int]:
    """The statuses of items, and how many texts it took to rank them."""
    answer = await service.rank(candidates=[{"id": one} for one in ids])
    return {one["status"] for one in answer["results"]}, answer["usage"]["encoded_texts"]


async def test_items_are_read_anew_before_another_encoder_serves(models: Path, place: Places) -> None:
    ids = [one["id"] for one in ITEMS]
    async with running(place(model=models / "first"), from_folder=True) as service:
        await put(service, ITEMS)
        for name in ("second", "first"):
            await service.container.models.swap(models / name)
            assert await asked(service, *ids) == ({"ok"}, 0)
        embedded = service.metric("encoded_texts_total")
        await service.container.models.swap(models / "second")
        assert service.metric("encoded_texts_total") == embedded, "what is still valid was embedded anew"
        info = (await service.client.get("/v1/info")).json()
        assert info["item_store"] in ("memory", "embedded", "redis")


async def test_items_that_are_put_during_a_swap_are_not_lost(monkeypatch: pytest.MonkeyPatch, place: Places) -> None:
    encoder = GatedEncoder("another")
    async with running(place()) as service:
        await put(service, ITEMS[:1])
        monkeypatch.setattr("service.models.manager.load_to_serve", lambda *_, **__: fake_model(encoder))
        swap = asyncio.create_task(service.container.models.swap(Path("another")))
        await until(lambda: encoder.waited)
        await put(service, [{"id": "item-0", "text": "taxi", "category": "travel"}, {"id": "new", "text": "train"}])
        assert not swap.done()
        encoder.gate.set()
        await swap
        answer = await service.rank(query="taxi", candidates=[{"id": "item-0", "text": "taxi"}, {"id": "new"}])
        named = await service.rank(query="taxi", candidates=[{"id": "item-0"}, {"id": "new"}])
        assert named["results"] == answer["results"]
        await until(lambda: any("train" in call for call in encoder.calls))


async def test_a_service_that_starts_with_another_encoder_is_ready_once_it_has_read_the_items(
    tmp_path: Path,
) -> None:
    folder = settings(store=str(tmp_path / "store"))
    async with running(folder) as service:
        await put(service, ITEMS)
    encoder = FakeEncoder(revision="another")
    async with running(folder, model=fake_model(encoder)) as service:
        assert sum(map(len, encoder.calls)) == len(ITEMS)
        assert await asked(service, *[one["id"] for one in ITEMS]) == ({"ok"}, 0)
    again = FakeEncoder(revision="another")
    async with running(folder, model=fake_model(again)) as service:
        assert await asked(service, "item-0") == ({"ok"}, 0)
    assert again.calls == []


async def test_a_full_store_takes_no_item_and_ranks_on(tmp_path: Path) -> None:
    async with running(settings(store=str(tmp_path / "store"), store_bytes=1024**2)) as service:
        await put(service, ITEMS[:10])
        answers = [
            await service.client.put(
                "/v1/items", json={"items": [{**one, "id": f"{one['id']}-{part}"} for one in ITEMS]}
            )
            for part in range(30)
        ]
        refused = answers[-1]
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "store_full")
        assert await asked(service, "item-0", "item-0-0") == ({"ok"}, 0)
        assert (await asked(service, "item-0-29"))[0] == {"missing"}


async def test_a_process_holds_no_more_than_it_may() -> None:
    async with running(settings(memory_items=10)) as service:
        await put(service, ITEMS[:10])
        await put(service, ITEMS[:5])
        refused = await service.client.put("/v1/items", json={"items": ITEMS[9:11]})
        assert refused.status_code == 507
        texts = [{"id": str(number), "text": f"some text {number}"} for number in range(50)]
        await service.rank(candidates=texts)
        assert await asked(service, *[one["id"] for one in ITEMS[:10]]) == ({"ok"}, 0)


def statuses(service: Serving, *ids: str) -> list[str]:
    # A connection of its own: of several workers, any may answer.
    body = {"candidates": [{"id": one} for one in ids]}
    answer = httpx.post(f"{service.url}/v1/rank", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return [one["status"] for one in answer.json()["results"]]


@pytest.mark.slow
def test_workers_see_at_once_what_one_of_them_was_told_and_keep_it(tmp_path: Path) -> None:
    environment = {"EDGE_RANK_STORE": str(tmp_path / "store"), "EDGE_RANK_ENCODE_THREADS": "1"}
    for round_ in range(2):
        with serving("--workers", 2, environment=environment) as service:
            if round_:
                assert statuses(service, "0", "9") == ["ok", "ok"]
            for number in range(10):
                items = [{"id": str(number), "text": f"taxi {number}"}]
                put = httpx.put(f"{service.url}/v1/items", json={"items": items}, timeout=30)
                assert (put.status_code, put.json()["degraded"]) == (200, [])
                assert [statuses(service, str(number)) for _ in range(6)] == [["ok"]] * 6


def test_items_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path), "EDGE_RANK_PREFIX": "shop"}
    with serving(environment=environment) as service:
        httpx.put(f"{service.url}/v1/items", json={"items": [{"id": "a", "text": "taxi"}]}, timeout=30)
        os.kill(service.pid, signal.SIGKILL)
    assert (tmp_path / "edge-rank" / "shop" / "data.mdb").is_file()
    with serving(environment=environment) as service:
        assert statuses(service, "a", "b") == ["ok", "missing"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_store_that_can_not_be_used_is_reported_in_one_line(workers: int, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "data.mdb").write_bytes(b"\xa5" * 65536)
    for store, told in (
        (str(tmp_path / "store"), "is damaged"),
        ("/proc/nowhere", "EDGE_RANK_STORE=memory"),
        ("nonsense", "setting store (EDGE_RANK_STORE)"),
        ("redis", "redis_url"),
    ):
        process = start("--workers", workers, "--port", 1, environment={"EDGE_RANK_STORE": store})
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors.count("\n")) == (1, 1), errors
        assert told in errors
