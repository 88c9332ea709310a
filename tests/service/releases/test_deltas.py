import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.metrics.registry import Metrics
from service.releases import deltas as module
from service.releases.delta import apply_delta, make_delta
from service.releases.deltas import Deltas
from tests.service.pull.bundles import bundle


@pytest.fixture
async def deltas() -> AsyncIterator[Deltas]:
    one = Deltas(Metrics())
    yield one
    await one.close()


async def test_a_delta_is_made_once_and_does_what_it_says(
    deltas: Deltas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def counted(source: str, *rest: object) -> bytes:
        calls.append(source)
        return make_delta(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "make_delta", counted)
    old, new = bundle(tmp_path / "old", "old"), bundle(tmp_path / "new", "new")
    deltas.want([(old, new)])
    deltas.want([(old, new)])
    found = await asyncio.gather(*(deltas.get(old, new) for _ in range(5)))
    assert calls == [old.revision]
    delta = deltas.made(old, new)
    assert delta is not None
    assert all(one is delta for one in found)
    assert delta.offer.bytes == len(delta.content)
    sizes = {path: len(content) for path, content in new.device_contents.items()}
    assert apply_delta(delta.content, old.revision, old.device_contents, new.revision, sizes) == new.device_contents


async def test_what_is_not_wanted_is_not_made(deltas: Deltas, tmp_path: Path) -> None:
    old, new = bundle(tmp_path / "old", "old"), bundle(tmp_path / "new", "new")
    assert await deltas.get(old, new) is None
    deltas.want([(old, new)])
    assert await deltas.get(old, new) is not None
    deltas.want([(new, old)])
    assert await deltas.get(old, new) is None
    assert deltas.made(old, new) is None


async def test_one_that_is_larger_than_the_files_is_not_offered(
    deltas: Deltas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = bundle(tmp_path / "old", "old"), bundle(tmp_path / "new", "new")
    changed = sum(len(new.contents[path]) for path in ("manifest.json", "ranker.json"))
    for length, offered in ((changed, False), (changed - 1, True)):
        monkeypatch.setattr(module, "make_delta", lambda *_, length=length: bytes(length))
        deltas.want([(old, new)])
        assert (await deltas.get(old, new) is not None) == offered
        deltas.want(())


async def test_one_is_made_at_a_time_and_a_failure_is_reported_once(
    deltas: Deltas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = (bundle(tmp_path / name, name) for name in ("first", "second", "third"))
    working = threading.Lock()

    def failing(*_: object) -> bytes:
        assert working.acquire(blocking=False), "two at the same time"
        working.release()
        raise MemoryError

    monkeypatch.setattr(module, "make_delta", failing)
    deltas.want([(first, second), (second, third)])
    assert await deltas.get(first, second) is None
    assert await deltas.get(second, third) is None
    assert deltas.made(first, second) is None
    assert caplog.text.count("a delta could not be made") == 2


async def test_a_request_that_is_given_up_does_not_stop_it(deltas: Deltas, tmp_path: Path) -> None:
    old, new = bundle(tmp_path / "old", "old"), bundle(tmp_path / "new", "new")
    deltas.want([(old, new)])
    impatient = asyncio.create_task(deltas.get(old, new))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await deltas.get(old, new) is not None
