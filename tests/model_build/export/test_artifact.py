import errno
import shutil
from pathlib import Path

import pytest

from model_build.common.errors import BudgetError
from model_build.export.artifact import publish, seal
from service.artifact.artifact import ArtifactError, Manifest, load_artifact


@pytest.fixture
def artifact(smoke_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(smoke_run / "artifact", tmp_path / "artifact"))


def manifest_of(folder: Path) -> Manifest:
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())


def test_the_manifest_states_the_device_s_bytes_itself_included(artifact: Path) -> None:
    manifest = manifest_of(artifact)
    names = [name for name, entry in manifest.files.items() if entry.device]
    assert sorted(names) == ["onnx/model_int8.onnx", "ranker.json", "vocab.txt"]
    sizes = [(artifact / name).stat().st_size for name in [*names, "manifest.json"]]
    assert manifest.device_bytes == sum(sizes)


def test_sealing_follows_the_files(artifact: Path) -> None:
    before = manifest_of(artifact)
    (artifact / "README.md").write_text("another card")
    with pytest.raises(ArtifactError, match="checksum"):
        load_artifact(artifact)
    seal(artifact, before)
    after = load_artifact(artifact).manifest
    assert after.revision != before.revision
    assert after.files["README.md"].bytes == len("another card")


def test_over_the_budget_nothing_is_sealed(artifact: Path) -> None:
    manifest = manifest_of(artifact)
    before = (artifact / "manifest.json").read_bytes()
    tight = manifest.model_copy(update={"byte_budget": manifest.device_bytes // 2})
    with pytest.raises(BudgetError, match=r"over gates\.byte_budget"):
        seal(artifact, tight)
    assert (artifact / "manifest.json").read_bytes() == before


def test_publishing_replaces_an_older_artifact_whole(artifact: Path, tmp_path: Path) -> None:
    place = tmp_path / "models" / "current"
    publish(artifact, place)
    (place / "leftover.txt").write_text("old")
    publish(artifact, place)
    assert not (place / "leftover.txt").exists()
    assert load_artifact(place).manifest == manifest_of(artifact)
    assert [path.name for path in place.parent.iterdir()] == ["current"]


def test_what_can_not_be_served_is_not_published(artifact: Path, tmp_path: Path) -> None:
    place = tmp_path / "models" / "current"
    publish(artifact, place)
    (artifact / "vocab.txt").write_text("torn")
    with pytest.raises(ArtifactError):
        publish(artifact, place)
    load_artifact(place)


def test_a_full_disk_leaves_the_older_artifact(artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "models" / "current"
    publish(artifact, place)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("model_build.export.artifact.shutil.copytree", full)
    with pytest.raises(OSError, match="No space left"):
        publish(artifact, place)
    load_artifact(place)
    assert [path.name for path in place.parent.iterdir()] == ["current"]
