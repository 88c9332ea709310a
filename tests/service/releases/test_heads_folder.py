import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.artifact.artifact import ArtifactError
from service.heads.loading import MOST_HEADS, WEIGHTS
from service.heads.manifest import HeadError
from service.releases import heads_folder as module
from service.releases.bundle import Bundle
from service.releases.heads_folder import HeadsFolder, heads_folder_of
from tests.service.apps import settings
from tests.service.pull.head_bundles import head, model, pack, task_model


@pytest.fixture
def backbone(tmp_path: Path) -> Bundle:
    return model(tmp_path / "model", "m")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "heads").mkdir()
    return tmp_path / "heads"


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_heads_of_all_models_are_released(folder: Path, backbone: Bundle, tmp_path: Path) -> None:
    other = model(tmp_path / "other", "other", encoder=2)
    pack(folder / "1", backbone)
    pack(folder / "2", other)
    head(folder / "3", backbone)
    task_model(folder / "4")
    task_model(folder / ".5", "hidden")
    (folder / "notes.txt").touch()
    found = HeadsFolder(folder).first
    assert [one.listed.name for one in found] == ["intents", "intents", "tones", "topics"]
    assert len({one.revision for one in found}) == 4


SECOND: dict[str, Callable[[Path, Bundle], object]] = {
    "another revision": lambda place, backbone: pack(place, backbone, classes=("a", "b")),
    "a task model": lambda place, _: task_model(place, "intents"),
    "one of before": lambda place, backbone: head(place, backbone, "intents", knows_encoder=False),
    "upper case": lambda place, backbone: pack(place, backbone, "INTENTS"),
    "the same encoder": lambda place, _: head(place, model(place.parents[1] / "same", "same"), "intents"),
}


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND.keys())
def test_two_that_a_device_could_take_for_one_model_are_refused(
    folder: Path, backbone: Bundle, second: Callable[[Path, Bundle], object]
) -> None:
    pack(folder / "1", backbone)
    second(folder / "2", backbone)
    with pytest.raises(HeadError, match="two heads called"):
        HeadsFolder(folder)


@pytest.mark.parametrize("name", ["all", "none"])
def test_names_that_mean_something_else_are_refused(folder: Path, backbone: Bundle, name: str) -> None:
    head(folder / "1", backbone, name)
    with pytest.raises(HeadError, match=f"a head called {name}"):
        HeadsFolder(folder)


def test_what_no_device_would_take_is_refused(folder: Path, backbone: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    head(folder / "1", backbone)
    monkeypatch.setattr(module, "MOST_RELEASE_BYTES", 10)
    with pytest.raises(HeadError, match="more than 10 bytes together"):
        HeadsFolder(folder)
    monkeypatch.undo()
    monkeypatch.setattr(module, "_MOST_LISTED_BYTES", 10)
    with pytest.raises(HeadError, match="too many files to be listed"):
        HeadsFolder(folder)
    for number in range(MOST_HEADS):
        (folder / f"x{number}").mkdir()
    with pytest.raises(HeadError, match="at most 64"):
        HeadsFolder(folder)


def test_what_is_damaged_is_refused(folder: Path) -> None:
    task_model(folder / "tones")
    (folder / "tones" / "vocab.txt").write_text("x")
    with pytest.raises(ArtifactError, match="does not match its checksum"):
        HeadsFolder(folder)
    with pytest.raises(HeadError, match="can't be read"):
        HeadsFolder(folder / "nothing")


def test_a_change_is_noticed_once_a_second_or_at_once_if_asked(folder: Path, backbone: Bundle, clock: Clock) -> None:
    heads = HeadsFolder(folder, clock)
    head(folder / "1", backbone)
    assert not heads.changed()
    clock.now = 1
    assert heads.changed()
    assert [one.listed.name for one in heads.read()] == ["topics"]
    clock.now = 2
    assert not heads.changed(now=True)
    shutil.rmtree(folder / "1")
    assert not heads.changed(now=True), "it was looked at this very moment"
    clock.now = 2.1
    assert not heads.changed()
    assert heads.changed(now=True)
    assert heads.read() == ()


def test_a_copy_that_is_not_complete_yet_is_read_again(folder: Path, backbone: Bundle, clock: Clock) -> None:
    heads = HeadsFolder(folder, clock)
    head(folder / "1", backbone)
    whole = (folder / "1" / WEIGHTS).read_bytes()
    (folder / "1" / WEIGHTS).write_bytes(whole[:-1])
    clock.now = 1
    assert heads.changed()
    with pytest.raises(HeadError):
        heads.read()
    assert not heads.changed()
    clock.now = 2
    assert heads.changed(), "as it could not be read, it is tried again, whatever the files look like"
    with pytest.raises(HeadError):
        heads.read()
    (folder / "1" / WEIGHTS).write_bytes(whole)
    clock.now = 3
    assert heads.changed()
    assert [one.listed.name for one in heads.read()] == ["topics"]
    clock.now = 4
    assert not heads.changed()


def test_the_folder_is_the_one_that_settings_name(folder: Path, backbone: Bundle) -> None:
    assert heads_folder_of(settings()) is None
    head(folder / "1", backbone)
    found = heads_folder_of(settings(released_heads=folder))
    assert found is not None
    assert len(found.first) == 1
