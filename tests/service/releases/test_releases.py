import asyncio
from pathlib import Path

import pytest

from service.artifact.artifact import MANIFEST
from service.files.watched import WatchedFile
from service.releases import heads_folder
from service.releases import rollout as module
from tests.service.apps import RunningApp, running, settings
from tests.service.pull.bundles import bundle
from tests.service.pull.head_bundles import pack, task_model

URL = "/v1/model/"


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is looked at whenever something is asked."""
    monkeypatch.setattr(module, "WatchedFile", lambda path: WatchedFile(path, clock=iter(range(10**6)).__next__))
    monkeypatch.setattr(heads_folder, "LOOK_EVERY_S", 0)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("first", "second", "third"):
        bundle(tmp_path / name, name)
    write(tmp_path, "")
    return tmp_path


def write(models: Path, content: str) -> None:
    (models / "rollout.toml").write_text(content)


def changed_of(models: Path) -> dict[str, Path]:
    return {"model": models / "first", "models": models, "rollout": models / "rollout.toml"}


async def told(service: RunningApp) -> tuple[str, str | None]:
    answer = (await service.client.get(URL)).json()
    candidate = answer["candidate"]
    return answer["current"]["name"], candidate and f"{candidate['name']} {candidate['percent']:g}"


async def test_the_file_decides_while_the_service_runs(models: Path) -> None:
    async with running(settings(**changed_of(models)), from_folder=True) as service:
        assert await told(service) == ("first", None)
        write(models, 'candidate = {model = "second", percent = 10}')
        assert await told(service) == ("first", "second 10")
        assert service.metric("rollout_percent") == 10
        write(models, 'candidate = {model = "second", percent = 20}')
        assert await told(service) == ("first", "second 20")
        write(models, "")
        assert await told(service) == ("first", None)
        assert service.metric("rollout_percent") == 0
        assert service.metric("rollout_reads_total", outcome="done") == 3


async def test_a_file_that_broke_changes_nothing(models: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(models, 'candidate = {model = "second", percent = 10}')
    async with running(settings(**changed_of(models)), from_folder=True) as service:
        for content in ("[", 'candidate = {model = "none", percent = 1}'):
            write(models, content)
            assert await told(service) == ("first", "second 10")
        (models / "rollout.toml").unlink()
        assert await told(service) == ("first", "second 10")
        assert service.metric("rollout_reads_total", outcome="refused") == 3
    assert caplog.text.count("stays as it was") == 3


async def test_what_serves_is_what_is_released(models: Path) -> None:
    write(models, 'previous = ["first"]\ncandidate = {model = "second", percent = 10}')
    async with running(settings(**changed_of(models)), from_folder=True) as service:
        assert await told(service) == ("first", "second 10")
        await service.container.models.swap(models / "second")
        assert await told(service) == ("second", None)
        first, second = (bundle(models / name, name).revision for name in ("first", "second"))
        assert (await service.client.get(f"{URL}{second}/delta/{first}")).status_code == 200
        listing = (await service.client.get(URL)).json()
        assert [delta["from"] for delta in listing["current"]["deltas"]] == [first]


async def test_a_change_is_taken_over_once_however_many_ask(models: Path) -> None:
    async with running(settings(**changed_of(models)), from_folder=True) as service:
        write(models, 'candidate = {model = "second", percent = 10}')
        assert await asyncio.gather(*(told(service) for _ in range(8))) == [("first", "second 10")] * 8
        assert service.metric("rollout_reads_total", outcome="done") == 1


async def heads_told(service: RunningApp) -> list[str] | None:
    answer = (await service.client.get(URL)).json()
    return [head["name"] for head in answer["heads"]] if "heads" in answer else None


async def test_a_head_is_listed_once_its_folder_is_there(models: Path, tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    heads.mkdir()
    backbone = bundle(models / "first", "first")
    async with running(settings(**changed_of(models), released_heads=heads), from_folder=True) as service:
        assert await heads_told(service) == []
        etag = (await service.client.get(URL)).headers["ETag"]
        pack(heads / "intents", backbone)
        assert await heads_told(service) == ["intents"]
        assert (await service.client.get(URL, headers={"If-None-Match": etag})).status_code == 200
        assert await told(service) == ("first", None)
        task_model(heads / "tones")
        assert await heads_told(service) == ["intents", "tones"]
        assert service.metric("released_head_reads_total", outcome="done") == 2
        assert service.metric("rollout_reads_total", outcome="done") == 0


async def test_a_folder_of_heads_that_broke_changes_nothing(models: Path, caplog: pytest.LogCaptureFixture) -> None:
    heads = models / "heads"
    made = task_model(heads / "tones")
    async with running(settings(**changed_of(models), released_heads=heads), from_folder=True) as service:
        (heads / "tones" / MANIFEST).write_text("{}")
        for _ in range(3):
            assert await heads_told(service) == ["tones"]
        assert service.metric("released_head_reads_total", outcome="refused") >= 3
        assert caplog.text.count("the heads that are released stay as they were") == 1, "it is said once"
        address = f"{URL}{made.revision}/{MANIFEST}"
        assert (await service.client.get(address)).content == made.contents[MANIFEST]
        (heads / "tones" / MANIFEST).write_bytes(made.contents[MANIFEST])
        (heads / "tones").rename(heads / "other")
        assert await heads_told(service) == ["tones"]
        assert service.metric("released_head_reads_total", outcome="done") == 1


async def test_without_a_folder_nothing_is_said_of_heads(models: Path) -> None:
    async with running(settings(**changed_of(models)), from_folder=True) as service:
        assert await heads_told(service) is None
