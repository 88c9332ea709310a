import asyncio
from pathlib import Path

import pytest

from service.files.watched import WatchedFile
from service.releases import rollout as module
from tests.service.apps import RunningApp, running, settings
from tests.service.pull.bundles import bundle

URL = "/v1/model/"


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is looked at whenever something is asked."""
    monkeypatch.setattr(module, "WatchedFile", lambda path: WatchedFile(path, clock=iter(range(10**6)).__next__))


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
