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
def depot(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "phone")


def install(depot: ModelStore, *names: str) -> None:
    for name in names:
        with depot.draft() as draft:
            depot.install(draft, bundle(draft, name).revision)


def used(depot: ModelStore) -> tuple[str | None, str | None]:
    return tuple(one and one.manifest.name for one in (depot.current, depot.previous))  # type: ignore[return-value]


def test_the_last_two_models_are_kept(depot: ModelStore) -> None:
    with depot.locked():
        assert used(depot) == (None, None)
        install(depot, "one")
        assert used(depot) == ("one", None)
        install(depot, "two", "three")
        assert used(depot) == ("three", "two")
        depot.tidy()
        assert len(list((depot.folder / "revisions").iterdir())) == 2
    assert (depot.folder / "current").readlink() == Path("revisions") / depot.current.manifest.revision  # type: ignore[union-attr]


def test_there_is_a_way_back_of_one_step(depot: ModelStore) -> None:
    with depot.locked():
        install(depot, "one", "two", "three")
        depot.take_previous()
        assert used(depot) == ("two", None)


def test_a_damaged_model_is_none(depot: ModelStore) -> None:
    with depot.locked():
        install(depot, "one", "two")
        (depot.folder / "current" / VOCABULARY).write_text("other")
        assert used(depot) == (None, "one")
        install(depot, "two")
        assert used(depot) == ("two", "one")
        depot.tidy()
        assert used(depot) == ("two", "one")


def test_a_folder_that_an_update_left_half_way_is_read_as_before(depot: ModelStore) -> None:
    with depot.locked():
        install(depot, "one", "two")
        (depot.folder / "previous").unlink()
        (depot.folder / "previous").symlink_to((depot.folder / "current").readlink())
        assert used(depot) == ("two", None)
        install(depot, "three")
        assert used(depot) == ("three", "two")


def test_what_is_left_of_a_draft_is_removed(depot: ModelStore) -> None:
    with depot.locked():
        with pytest.raises(FileNotFoundError), depot.draft() as draft:
            (draft / "file").rename(draft / "folder" / "file")
        assert not list((depot.folder / "revisions").iterdir())


def test_one_program_at_a_time_updates_it(depot: ModelStore) -> None:
    with depot.locked(), pytest.raises(BusyError, match="updated by another"), depot.locked():
        pass
    with depot.locked():
        pass


def test_a_program_that_was_killed_holds_nothing(depot: ModelStore) -> None:
    code = (
        "import os, signal, sys, pathlib; from service.pull.model_store import ModelStore\n"
        "with ModelStore(pathlib.Path(sys.argv[1])).locked(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, depot.folder], check=False).returncode == -9
    with depot.locked():
        pass


def test_a_device_id_is_drawn_once(depot: ModelStore, tmp_path: Path) -> None:
    with depot.locked():
        drawn = depot.device_id(None)
        assert len(drawn) == 32
        assert depot.device_id(None) == drawn
        given = tmp_path / "id"
        given.write_text("mine\n")
        assert depot.device_id(given) == "mine"
        assert depot.device_id(tmp_path / "other") != drawn


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_a_file_without_a_device_id_is_told(depot: ModelStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "id").write_bytes(content)
    with pytest.raises(FolderError, match="holds no device id"):
        depot.device_id(tmp_path / "id")


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="can't be written: Not a directory"), ModelStore(tmp_path / "file").locked():
        pass
    with pytest.raises(FolderError, match="can't be written: No space left on device"), ModelStore(tmp_path / "f").locked():
        raise OSError(28, os.strerror(28))


def test_a_revision_that_was_gone_back_from_is_held_until_another_is_installed(depot: ModelStore) -> None:
    with depot.locked():
        assert depot.held is None
        depot.hold("a" * 64)
        assert depot.held == "a" * 64
        install(depot, "one")
        assert depot.held is None
