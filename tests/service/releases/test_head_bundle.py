import hashlib
from pathlib import Path

import pytest

from service.artifact.artifact import MANIFEST, MODEL, VOCABULARY, ArtifactError
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS, load_classifier
from service.heads.manifest import HeadError
from service.releases.head_bundle import read_head_bundle
from tests.service.pull.bundles import bundle
from tests.service.pull.head_bundles import head, model, pack, task_model


def test_a_head_is_listed_with_what_a_device_needs(tmp_path: Path) -> None:
    backbone = model(tmp_path / "model", "m")
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents" / "README.md").write_text("for people")
    found = pack(tmp_path / "intents", backbone)
    listed = found.listed
    assert (listed.type, listed.name, listed.classes, listed.schema_version) == ("pack", "intents", 2, 1)
    assert listed.backbone is not None
    assert listed.backbone.encoder_revision == backbone.manifest.encoder_revision
    assert {file.path for file in listed.files} == {HEAD, WEIGHTS, ADAPTERS}
    for path, file in found.files.items():
        content = (tmp_path / "intents" / path).read_bytes()
        assert found.contents[path] == content
        assert (file.bytes, file.sha256, file.device) == (len(content), hashlib.sha256(content).hexdigest(), True)
    assert head(tmp_path / "topics", backbone).files.keys() == {HEAD, WEIGHTS}


def test_a_head_of_before_belongs_to_one_revision(tmp_path: Path) -> None:
    backbone = model(tmp_path / "model", "m")
    listed = head(tmp_path / "topics", backbone, knows_encoder=False).listed
    assert listed.backbone is not None
    assert (listed.backbone.revision, listed.backbone.encoder_revision) == (backbone.revision, None)


def test_a_task_model_is_listed_with_all_its_files(tmp_path: Path) -> None:
    found = task_model(tmp_path / "tones")
    assert (found.listed.type, found.listed.backbone, found.listed.classes) == ("model", None, 2)
    assert set(found.files) == set(found.contents) == {MANIFEST, MODEL, VOCABULARY}


@pytest.mark.parametrize("path", [WEIGHTS, ADAPTERS, HEAD])
def test_a_damaged_head_is_refused(tmp_path: Path, path: str) -> None:
    pack(tmp_path / "intents", model(tmp_path / "model", "m"))
    (tmp_path / "intents" / path).write_bytes(b"x")
    with pytest.raises(HeadError):
        read_head_bundle(tmp_path / "intents")


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    bundle(tmp_path / "model")
    with pytest.raises(HeadError, match="is a model that embeds"):
        read_head_bundle(tmp_path / "model")
    task_model(tmp_path / "tones")
    (tmp_path / "tones" / VOCABULARY).write_text("x")
    with pytest.raises(ArtifactError, match="does not match its checksum"):
        read_head_bundle(tmp_path / "tones")


@pytest.mark.parametrize("path", [WEIGHTS, ADAPTERS, HEAD])
def test_a_head_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    backbone = model(tmp_path / "model", "m")
    pack(tmp_path / "intents", backbone)
    pack(tmp_path / "other", backbone, classes=("a", "b"))

    def then_changed(folder: Path) -> object:
        found = load_classifier(folder)
        content = (tmp_path / "other" / path).read_bytes()
        (folder / path).write_bytes(content if path == HEAD else content[:-1] + b"?")
        return found

    monkeypatch.setattr("service.releases.head_bundle.load_classifier", then_changed)
    with pytest.raises(HeadError, match="changed while it was read"):
        read_head_bundle(tmp_path / "intents")
