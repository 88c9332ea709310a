import json
import shutil
from pathlib import Path

import onnx
import pytest
from typer.testing import CliRunner

from model_build.cli.main import app
from model_build.export.artifact import seal
from model_build.export.parity import save_graph
from service.artifact.artifact import DEVICE_FILES, MODEL, Manifest, load_artifact
from service.heads.loading import load_head
from service.settings import BUNDLED_MODEL
from tests.model_build.graphs import numbered
from tests.service.artifacts import build_artifact
from tests.service.heads.heads import build_head


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """The bundled model, its card as it was before cards had a licence of their own."""
    folder = Path(shutil.copytree(BUNDLED_MODEL, tmp_path / "artifact"))
    (folder / "LICENSE.md").unlink(missing_ok=True)
    write_card(folder, "---\nlicense: apache-2.0\nlanguage: en\n---\n\n# Old\n\n## Quality\n\nGood.\n\n## Use\n")
    return folder


def write_card(folder: Path, card: str) -> None:
    (folder / "README.md").write_text(card)
    seal(folder, manifest_of(folder))


def manifest_of(folder: Path) -> Manifest:
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())


def renew(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["card", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_a_card_is_written_anew_in_its_place(artifact: Path) -> None:
    before = manifest_of(artifact)
    code, out, err = renew(artifact)
    assert (code, err) == (0, "")
    after = load_artifact(artifact).manifest
    assert out == f"{artifact}: {after.device_bytes:,} device bytes, revision {after.revision[:12]}\n"
    assert after.revision != before.revision
    assert {name: after.files[name] for name in DEVICE_FILES} == {name: before.files[name] for name in DEVICE_FILES}
    assert after.training == before.training
    card = (artifact / "README.md").read_text()
    assert "license_link: LICENSE.md" in card
    assert "\n## Quality\n\nGood.\n\n## Training data\n" in card
    assert before.training.objective in card
    assert not after.files["LICENSE.md"].device
    assert [path.name for path in artifact.parent.iterdir()] == ["artifact"]

    assert renew(artifact)[0] == 0
    assert load_artifact(artifact).manifest == after


def test_a_card_is_published_elsewhere(artifact: Path, tmp_path: Path) -> None:
    before = manifest_of(artifact)
    assert renew(artifact, "--out", tmp_path / "models" / "new")[0] == 0
    assert load_artifact(artifact).manifest == before
    assert load_artifact(tmp_path / "models" / "new").manifest.revision != before.revision


def test_texts_for_any_use_need_no_licence_of_their_own(artifact: Path) -> None:
    assert renew(artifact)[0] == 0
    manifest = manifest_of(artifact)
    sources = tuple(one.model_copy(update={"licence": "CC0-1.0"}) for one in manifest.training.sources)
    training = manifest.training.model_copy(update={"sources": sources})
    seal(artifact, manifest.model_copy(update={"training": training}))
    assert renew(artifact, "--licence", "apache-2.0")[0] == 0
    assert not (artifact / "LICENSE.md").exists()
    assert "LICENSE.md" not in load_artifact(artifact).manifest.files
    assert "\nlicense: apache-2.0\nlanguage: en\n" in (artifact / "README.md").read_text()


def test_heads_come_along(artifact: Path, tmp_path: Path) -> None:
    places = [tmp_path / "heads" / name for name in ("topics", "alike")]
    made = [
        build_head(places[0], manifest_of(artifact), name="topics"),
        build_head(places[1], manifest_of(artifact), name="alike", kind="pair"),
    ]
    weights = places[0].joinpath("weights.bin").read_bytes()
    heads = [argument for place in places for argument in ("--head", place)]
    assert renew(artifact, *heads)[0] == 0
    revision = manifest_of(artifact).revision
    for place, before in zip(places, made, strict=True):
        after = load_head(place).manifest
        assert after.backbone == before.backbone.model_copy(update={"revision": revision})
        assert after.revision != before.revision
        assert (after.classes, after.training, after.weights) == (before.classes, before.training, before.weights)
        assert f"revision `{revision}`" in (place / "README.md").read_text()
    assert places[0].joinpath("weights.bin").read_bytes() == weights


def test_a_renewal_stopped_between_head_and_artifact_is_begun_anew(artifact: Path, tmp_path: Path) -> None:
    head = tmp_path / "topics"
    build_head(head, manifest_of(artifact))
    assert renew(artifact, "--head", head, "--out", tmp_path / "elsewhere")[0] == 0
    bound = load_head(head).manifest
    assert renew(artifact, "--head", head)[0] == 0
    assert load_head(head).manifest == bound
    assert bound.backbone.revision == manifest_of(artifact).revision


def test_a_head_of_another_model_stops_all(artifact: Path, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    before = manifest_of(artifact)
    build_head(mine, before)
    rules = before.tokenizer.model_copy(update={"lowercase": False})
    build_head(other, before.model_copy(update={"revision": "1" * 64, "tokenizer": rules}))
    code, out, err = renew(artifact, "--head", mine, "--head", other)
    assert (code, out) == (1, "")
    assert err == (
        f"error: {other} belongs to the model edge-rank-en@{'1' * 12}, not to edge-rank-en@{before.revision[:12]}\n"
    )
    assert load_artifact(artifact).manifest == before
    assert load_head(mine).manifest.backbone.revision == before.revision


def test_what_has_no_card_that_a_build_wrote_is_one_line(artifact: Path, tmp_path: Path) -> None:
    def told(place: Path) -> str:
        code, out, err = renew(place)
        assert (code, out) == (1, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err

    write_card(artifact, "# Mine\n")
    before = json.loads((artifact / "manifest.json").read_text())
    assert f"{artifact / 'README.md'} is not a card written by a build: it has no section Quality" in told(artifact)
    assert json.loads((artifact / "manifest.json").read_text()) == before
    (artifact / "README.md").write_bytes(b"\xff")
    seal(artifact, manifest_of(artifact))
    assert "is not a card written by a build" in told(artifact)
    (artifact / "README.md").unlink()
    seal(artifact, manifest_of(artifact))
    assert "has no README.md" in told(artifact)
    assert "is not an artifact" in told(tmp_path)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The bundled model as version 0.1.0 would have exported it, with numbers for names."""
    folder = Path(shutil.copytree(BUNDLED_MODEL, tmp_path / "older"))
    save_graph(numbered(onnx.load(folder / MODEL)), folder / MODEL)
    seal(folder, manifest_of(folder))
    return folder


def name_weights(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["name-weights", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_weights_are_named_in_place_and_heads_come_along(older: Path, tmp_path: Path) -> None:
    before, head = manifest_of(older), tmp_path / "topics"
    made = build_head(head, before)
    weights = (head / "weights.bin").read_bytes()
    code, out, err = name_weights(older, "--head", head)
    assert (code, err) == (0, "")
    after = load_artifact(older).manifest
    assert out == f"{older}: {after.device_bytes:,} device bytes, revision {after.revision[:12]}\n"
    assert after == load_artifact(BUNDLED_MODEL).manifest  # its card, too
    assert after.encoder_revision != before.encoder_revision
    bound = load_head(head).manifest
    assert bound.backbone.has_vectors_of(after)
    assert (bound.weights, bound.training) == (made.weights, made.training)
    assert (head / "weights.bin").read_bytes() == weights

    contents = {path: path.read_bytes() for folder in (older, head) for path in folder.rglob("*") if path.is_file()}
    assert name_weights(older, "--head", head)[0] == 0  # again
    assert {path: path.read_bytes() for path in contents} == contents


def test_named_weights_are_published_elsewhere(older: Path, tmp_path: Path) -> None:
    before, head = manifest_of(older), tmp_path / "topics"
    build_head(head, before.model_copy(update={"revision": "1" * 64, "files": {}}))
    code, out, err = name_weights(older, "--out", tmp_path / "new", "--head", head)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {head} belongs to the model edge-rank-en@{'1' * 12}, not to edge-rank-en@")
    assert not (tmp_path / "new").exists()

    assert name_weights(older, "--out", tmp_path / "new")[0] == 0
    assert load_artifact(older).manifest == before
    assert load_artifact(tmp_path / "new").manifest == load_artifact(BUNDLED_MODEL).manifest


def test_a_card_of_one_s_own_stays(older: Path) -> None:
    write_card(older, "# Mine\n")
    assert name_weights(older)[0] == 0
    load_artifact(older)
    assert (older / "README.md").read_text() == "# Mine\n"


def test_a_graph_that_no_build_wrote_is_one_line(tmp_path: Path) -> None:
    artifact = build_artifact(tmp_path / "tiny")
    code, out, err = name_weights(artifact.folder)
    assert (code, out) == (1, "")
    assert err == f"error: {artifact.model_path} is not a graph that this version of model-build writes\n"
    assert load_artifact(artifact.folder).manifest == artifact.manifest
