import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.artifact.artifact import VOCABULARY
from service.pull.model_store import ModelStore
from service.releases.errors import BusyError, FolderError
from tests.service.pull.bundles import bundle


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "phone")


def install(store: ModelStore, *names: str) -> None:
    for name in names:
        with store.draft() as draft:
            store.install(draft, bundle(draft, name).revision)


def used(store: ModelStore) -> tuple[str | None, str | None]:
    return tuple(one and one.manifest.name for one in (store.current, store.previous))  # type: ignore[return-value]


def test_the_last_two_models_are_kept(store: ModelStore) -> None:
    with store.locked():
        assert used(store) == (None, None)
        install(store, "one")
        assert used(store) == ("one", None)
        install(store, "two", "three")
        assert used(store) == ("three", "two")
        store.tidy()
        assert len(list((store.folder / "revisions").iterdir())) == 2
    assert (store.folder / "current").readlink() == Path("revisions") / store.current.manifest.revision  # type: ignore[union-attr]


def test_there_is_a_way_back_of_one_step(store: ModelStore) -> None:
    with store.locked():
        install(store, "one", "two", "three")
        store.take_previous()
        assert used(store) == ("two", None)


def test_a_damaged_model_is_none(store: ModelStore) -> None:
    with store.locked():
        install(store, "one", "two")
        (store.folder / "current" / VOCABULARY).write_text("other")
        assert used(store) == (None, "one")
        install(store, "two")
        assert used(store) == ("two", "one")
        store.tidy()
        assert used(store) == ("two", "one")


def test_a_folder_that_an_update_left_half_way_is_read_as_before(store: ModelStore) -> None:
    with store.locked():
        install(store, "one", "two")
        (store.folder / "previous").unlink()
        (store.folder / "previous").symlink_to((store.folder / "current").readlink())
        assert used(store) == ("two", None)
        install(store, "three")
        assert used(store) == ("three", "two")


def test_what_is_left_of_a_draft_is_removed(store: ModelStore) -> None:
    with store.locked():
        with pytest.raises(FileNotFoundError), store.draft() as draft:
            (draft / "file").rename(draft / "folder" / "file")
        assert not list((store.folder / "revisions").iterdir())


def test_one_program_at_a_time_updates_it(store: ModelStore) -> None:
    with store.locked(), pytest.raises(BusyError, match="updated by another"), store.locked():
        pass
    with store.locked():
        pass


def test_a_program_that_was_killed_holds_nothing(store: ModelStore) -> None:
    code = (
        "import os, signal, sys, pathlib; from service.pull.model_store import ModelStore\n"
        "with ModelStore(pathlib.Path(sys.argv[1])).locked(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, store.folder], check=False).returncode == -9
    with store.locked():
        pass


def test_a_device_id_is_drawn_once(store: ModelStore, tmp_path: Path) -> None:
    with store.locked():
        drawn = store.device_id(None)
        assert len(drawn) == 32
        assert store.device_id(None) == drawn
        given = tmp_path / "id"
        given.write_text("mine\n")
        assert store.device_id(given) == "mine"
        assert store.device_id(tmp_path / "other") != drawn


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_a_file_without_a_device_id_is_reported(store: ModelStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "id").write_bytes(content)
    with pytest.raises(FolderError, match="contains no device id"):
        store.device_id(tmp_path / "id")


def test_a_folder_that_can_not_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="can't be written: Not a directory"), ModelStore(tmp_path / "file").locked():
        pass
    with (
        pytest.raises(FolderError, match="can't be written: No space left on device"),
        ModelStore(tmp_path / "f").locked(),
    ):
        raise OSError(28, os.strerror(28))


def test_a_revision_that_was_gone_back_from_is_blocked_until_another_is_installed(store: ModelStore) -> None:
    with store.locked():
        assert store.blocked == ("", "")
        store.block("a" * 64)
        assert store.blocked == ("a" * 64, "")
        store.block("a" * 64, "b" * 64)
        assert store.blocked == ("a" * 64, "b" * 64)
        install(store, "one")
        assert store.blocked == ("", "")
