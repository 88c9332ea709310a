import hashlib
import json
from pathlib import Path

import pytest

from service.artifact.artifact import DEVICE_FILES, MANIFEST, RANKER, ArtifactError
from service.releases.bundle import read_bundle
from tests.service.artifacts import build_artifact
from tests.service.pull.bundles import bundle


def test_it_has_every_file_with_its_checksum(tmp_path: Path) -> None:
    artifact = build_artifact(tmp_path)
    found = read_bundle(artifact)
    assert list(found.contents) == [MANIFEST, *sorted(artifact.manifest.files)]
    for path, content in found.contents.items():
        assert content == (tmp_path / path).read_bytes()
        assert found.files[path].sha256 == hashlib.sha256(content).hexdigest()
    assert found.device_contents.keys() == {MANIFEST, *DEVICE_FILES}
    assert found.release(()).revision == artifact.manifest.revision


def test_two_manifests_of_one_revision_are_distinguished(tmp_path: Path) -> None:
    first, second = (bundle(tmp_path / name) for name in ("first", "second"))
    assert first.identity == second.identity
    manifest = tmp_path / "second" / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"device_bytes": 1}))
    other = build_artifact(tmp_path / "third", files=dict(list(second.contents.items())[1:]), name="other")
    assert read_bundle(other).revision == second.revision
    assert read_bundle(other).identity != second.identity


@pytest.mark.parametrize("path", [RANKER, MANIFEST])
def test_what_changed_since_it_was_loaded_is_refused(tmp_path: Path, path: str) -> None:
    artifact = build_artifact(tmp_path)
    content = (tmp_path / path).read_text()
    (tmp_path / path).write_text(content.replace('"tiny"', '"huge"') if path == MANIFEST else content + " ")
    with pytest.raises(ArtifactError, match="changed while it was read"):
        read_bundle(artifact)
    (tmp_path / path).unlink()
    with pytest.raises(ArtifactError, match="can't be read"):
        read_bundle(artifact)
