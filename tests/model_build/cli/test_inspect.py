import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from model_build.cli.main import app
from service.artifact.artifact import load_artifact
from service.settings import BUNDLED_MODEL
from tests.model_build.materials import RECIPES
from tests.service.artifacts import manifest_of
from tests.service.heads.heads import build_head


def inspect(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["inspect", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_an_artifact_is_laid_open() -> None:
    code, out, err = inspect(BUNDLED_MODEL)
    assert (code, err) == (0, "")
    manifest = json.loads((BUNDLED_MODEL / "manifest.json").read_text())
    for expected in (
        manifest["revision"],
        f"{manifest['device_bytes']:,}",
        "at most 1,910,000",
        manifest["training"]["teacher"],
        *manifest["files"],
        *manifest["quantization"],
        *(one["licence"] for one in manifest["training"]["sources"]),
        *(f"{one['value']:.4f}" for one in manifest["quality"]),
    ):
        assert expected in out
    assert load_artifact(BUNDLED_MODEL).manifest.encoder_revision in out
    assert "…" not in out


def test_a_recipe_s_gates_stand_beside() -> None:
    code, out, _ = inspect(BUNDLED_MODEL, "--recipe", RECIPES / "further.toml")
    assert code == 0
    assert "at least 0.795" in out


def test_the_document_has_the_byte_table_and_the_gates(tmp_path: Path) -> None:
    code, out, _ = inspect(BUNDLED_MODEL, "--json")
    document = json.loads(out)
    assert code == 0
    assert sum(row["bytes"] for row in document["byte_table"]) == document["device_bytes"]
    assert document["encoder_revision"] == load_artifact(BUNDLED_MODEL).manifest.encoder_revision
    assert [(gate["name"], gate["holds"]) for gate in document["gates"]] == [("device bytes", True)]
    manifest = build_head(tmp_path, manifest_of({}))
    assert json.loads(inspect(tmp_path, "--json")[1])["revision"] == manifest.revision


def test_a_head_is_laid_open(tmp_path: Path) -> None:
    manifest = build_head(tmp_path, manifest_of({}), classes=("bill [x]", "taxi"))
    code, out, _ = inspect(tmp_path)
    assert code == 0
    backbone = manifest.backbone
    for expected in ("topics", manifest.revision, backbone.revision, "2 classes of 16 features", "bill [x]"):
        assert expected in out
    assert f"revision {backbone.encoder_revision}" in out
    build_head(tmp_path, manifest_of({}), knows_encoder=False)
    assert "that revision's alone" in inspect(tmp_path)[1]


def test_what_is_damaged_or_neither_is_one_line(tmp_path: Path) -> None:
    artifact = Path(shutil.copytree(BUNDLED_MODEL, tmp_path / "artifact"))
    (artifact / "vocab.txt").write_text("torn")
    build_head(tmp_path / "head", manifest_of({}))
    (tmp_path / "head" / "weights.bin").write_bytes(b"torn")
    for folder, told in ((artifact, "checksum"), (tmp_path / "head", "checksum"), (tmp_path, "is not an artifact")):
        code, out, err = inspect(folder)
        assert (code, out) == (1, "")
        assert err.startswith("error: ")
        assert told in err
        assert err.count("\n") == 1
