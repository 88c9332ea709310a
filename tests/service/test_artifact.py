from pathlib import Path

import pytest

from service.artifact import MANIFEST, MODEL, RANKER, VOCABULARY, ArtifactError, load_artifact
from tests.service.artifacts import build_artifact, write_manifest


def test_an_artifact_loads(tmp_path: Path) -> None:
    built = build_artifact(tmp_path)
    assert load_artifact(tmp_path) == built
    assert built.model_path.is_file()


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="it has no manifest"):
        load_artifact(tmp_path)


@pytest.mark.parametrize("name", [MODEL, VOCABULARY, RANKER])
def test_an_altered_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    build_artifact(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ArtifactError, match="checksum"):
        load_artifact(tmp_path)
    path.unlink()
    with pytest.raises(ArtifactError, match="missing"):
        load_artifact(tmp_path)


def test_a_manifest_that_omits_a_file_of_the_device_is_refused(tmp_path: Path) -> None:
    build_artifact(tmp_path)
    write_manifest(tmp_path, [MODEL, VOCABULARY])
    with pytest.raises(ArtifactError, match="does not list ranker"):
        load_artifact(tmp_path)


def test_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "artifact"
    build_artifact(folder)
    (tmp_path / "outside").write_text("x")
    write_manifest(folder, [MODEL, VOCABULARY, RANKER, "../outside"])
    with pytest.raises(ArtifactError, match="outside"):
        load_artifact(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"schema_version": 1', '"schema_version": 2', "schema_version"),
        ('"revision": "', '"revision": "0', "revision"),
        ("{", "", "document"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    build_artifact(tmp_path)
    path = tmp_path / MANIFEST
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ArtifactError, match=message) as caught:
        load_artifact(tmp_path)
    assert "\n" not in str(caught.value)
