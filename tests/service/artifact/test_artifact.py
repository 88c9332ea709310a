import hashlib
import json
from pathlib import Path

import pytest

from service.artifact.artifact import CARD, MANIFEST, MODEL, RANKER, VOCABULARY, ArtifactError, Manifest, load_artifact
from tests.service.artifacts import OTHER_VOCABULARY, build_artifact, graph, manifest_of, write_manifest


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
    (folder / "inside").symlink_to(tmp_path / "outside")
    write_manifest(folder, [MODEL, VOCABULARY, RANKER, "inside"])
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


def with_rules(manifest: Manifest, **rules: int) -> Manifest:
    return manifest.model_copy(update={"tokenizer": manifest.tokenizer.model_copy(update=rules)})


def test_the_encoder_s_revision_is_the_documented_one(tmp_path: Path) -> None:
    manifest = build_artifact(tmp_path).manifest
    told = (
        f"onnx/model_int8.onnx\0{manifest.files[MODEL].sha256}\n"
        f"vocab.txt\0{manifest.files[VOCABULARY].sha256}\n"
        '{"lowercase":true,"max_length":16,"strip_accents":true,"version":2}\n'
    )
    assert manifest.encoder_revision == hashlib.sha256(told.encode()).hexdigest()
    assert "encoder_revision" not in manifest.model_dump(), "it is worked out, so nothing can say otherwise"


def test_rules_from_before_there_were_versions_leave_the_encoder_its_name(tmp_path: Path) -> None:
    manifest = with_rules(build_artifact(tmp_path).manifest, version=1)
    told = (
        f"onnx/model_int8.onnx\0{manifest.files[MODEL].sha256}\n"
        f"vocab.txt\0{manifest.files[VOCABULARY].sha256}\n"
        '{"lowercase":true,"max_length":16,"strip_accents":true}\n'
    )
    assert manifest.encoder_revision == hashlib.sha256(told.encode()).hexdigest()
    unsaid = manifest.model_dump(mode="json")
    del unsaid["tokenizer"]["version"]
    assert Manifest.model_validate_json(json.dumps(unsaid)) == manifest


def test_what_does_not_embed_leaves_the_encoder_s_revision_alone(tmp_path: Path) -> None:
    first = build_artifact(tmp_path / "first").manifest
    other = build_artifact(tmp_path / "other", files={RANKER: b"{}", CARD: b"# Figures", "config.json": b"{}"}).manifest
    assert other.revision != first.revision
    assert other.encoder_revision == first.encoder_revision


def test_what_embeds_changes_the_encoder_s_revision(tmp_path: Path) -> None:
    first = build_artifact(tmp_path / "first").manifest
    revisions = {
        first.encoder_revision,
        build_artifact(tmp_path / "graph", files={MODEL: graph(seed=8)}).manifest.encoder_revision,
        build_artifact(tmp_path / "pieces", files={VOCABULARY: OTHER_VOCABULARY}).manifest.encoder_revision,
        with_rules(first, lowercase=False).encoder_revision,
        with_rules(first, strip_accents=False).encoder_revision,
        with_rules(first, version=1).encoder_revision,
        first.model_copy(update={"model": first.model.model_copy(update={"max_length": 17})}).encoder_revision,
        manifest_of({}).encoder_revision,
    }
    assert len(revisions) == 8
