import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.artifact.artifact import MODEL, RANKER, FileEntry, Manifest, load_artifact
from service.encoder.onnx import OnnxEncoder
from service.heads.head import Head
from service.heads.loading import HEAD, MOST_HEADS, WEIGHTS, load_head, load_heads
from service.heads.manifest import HeadError, HeadManifest
from service.heads.opening import opened
from service.heads.weights import QuantizedWeights
from service.settings import BUNDLED_MODEL
from tests.service.artifacts import DIMENSION, manifest_of
from tests.service.heads.heads import build_head, random_weights

BACKBONE = manifest_of({})
OTHER = manifest_of({MODEL: FileEntry(bytes=1, sha256="1" * 64, device=True)}, name="other")
RERANKED = manifest_of({RANKER: FileEntry(bytes=1, sha256="1" * 64, device=True)})
MODELS = Path(__file__).parents[3] / "models"
HEADS = MODELS / "edge-rank-zh-heads"


def refused(folder: Path) -> str:
    with pytest.raises(HeadError) as caught:
        load_head(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def changed(folder: Path, change: Callable[[dict[str, Any]], object], *, sealed: bool = True) -> None:
    document = json.loads((folder / HEAD).read_text())
    change(document)
    if sealed:
        document = HeadManifest.model_validate_json(json.dumps(document)).sealed().model_dump()
    (folder / HEAD).write_text(json.dumps(document))


def test_a_head_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = build_head(tmp_path, BACKBONE)
    head = load_head(tmp_path)
    assert head.manifest == manifest
    expected = random_weights(3, DIMENSION)
    np.testing.assert_array_equal(head.matrix, expected.matrix())
    np.testing.assert_array_equal(head.biases, expected.biases)


def test_a_folder_that_is_no_head(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path} is not a head: it has no {HEAD}"
    assert "can't be read" in refused(tmp_path / "none")


def test_weights_that_are_torn_missing_or_too_long(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    path = tmp_path / WEIGHTS
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:-1] + b"\1", b""):
        path.write_bytes(content)
        assert refused(tmp_path) == f"{path} does not match its checksum in {HEAD}"
    path.write_bytes(whole + b"\0" * 10)
    assert "is larger than" in refused(tmp_path)
    path.unlink()
    assert "can't be read" in refused(tmp_path)


def test_weights_of_another_shape(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    changed(tmp_path, lambda document: document.update(classes=["a", "b"]))
    assert "2 classes of 16 features take 48" in refused(tmp_path)


@pytest.mark.parametrize(
    ("number", "told"),
    [(np.nan, "not finite"), (np.inf, "not finite"), (-np.inf, "not finite"), (2e30, "beyond 1e+30")],
)
def test_weights_that_are_not_finite_or_overflow(tmp_path: Path, number: float, told: str) -> None:
    good, spoilt = random_weights(3, DIMENSION), np.array([0.5, number, 0.5], dtype=np.float32)
    for name, weights in (
        ("scales", QuantizedWeights(good.codes, spoilt, good.biases)),
        ("biases", QuantizedWeights(good.codes, good.scales, spoilt)),
    ):
        build_head(tmp_path, BACKBONE, weights=weights)
        assert f"{WEIGHTS} is not valid: it has {name} " in refused(tmp_path)
        assert told in refused(tmp_path)


def test_the_largest_weights_that_load_give_probabilities(tmp_path: Path) -> None:
    backbone = manifest_of({}, dimension=4096)
    codes, large = np.full((2, 8192), -128, dtype=np.int8), np.full(2, 1e30, dtype=np.float32)
    codes[0] = 127
    build_head(tmp_path, backbone, kind="pair", classes=("no", "yes"), weights=QuantizedWeights(codes, large, large))
    vectors = np.zeros((1, 4096), dtype=np.float32)
    vectors[0, 0] = 1
    assert load_head(tmp_path).of_pairs(vectors, vectors).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "document: Invalid JSON"), ("[]", "document: Input should be an object"), ("\xff", "is not valid")],
)
def test_a_document_that_is_none(tmp_path: Path, content: str, told: str) -> None:
    build_head(tmp_path, BACKBONE)
    (tmp_path / HEAD).write_text(content, encoding="latin-1")
    assert told in refused(tmp_path)


def test_a_document_that_was_altered(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    changed(tmp_path, lambda document: document["classes"].reverse(), sealed=False)
    assert "its revision does not match its contents" in refused(tmp_path)
    changed(tmp_path, lambda document: document.update(kind="token"), sealed=False)
    assert "kind: Input should be 'text' or 'pair'" in refused(tmp_path)


def test_a_document_that_is_too_large(tmp_path: Path) -> None:
    (tmp_path / HEAD).write_bytes(b" " * (1024 * 1024 + 1))
    assert "is larger than" in refused(tmp_path)


def test_a_folder_of_heads(tmp_path: Path) -> None:
    build_head(tmp_path / "one", BACKBONE, name="intents")
    build_head(tmp_path / "two", BACKBONE, name="pairs", kind="pair")
    (tmp_path / ".half-written").mkdir()
    (tmp_path / "notes.txt").write_text("not a head")
    heads = load_heads(tmp_path, BACKBONE)
    assert {name: head.facts.kind for name, head in heads.items() if isinstance(head, Head)} == {
        "intents": "text",
        "pairs": "pair",
    }


def chosen(folder: Path, backbone: Manifest) -> Head:
    head = load_heads(folder, backbone)["intents"]
    assert isinstance(head, Head)
    return head


def test_of_a_name_the_head_of_the_model_is_chosen(tmp_path: Path) -> None:
    build_head(tmp_path / "old", BACKBONE, name="intents")
    build_head(tmp_path / "new", OTHER, name="intents")
    for backbone in (BACKBONE, OTHER):
        assert chosen(tmp_path, backbone).manifest.backbone.revision == backbone.revision


def refused_together(folder: Path, backbone: Manifest = BACKBONE) -> str:
    with pytest.raises(HeadError) as caught:
        load_heads(folder, backbone)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_name_without_a_head_of_the_model_is_refused(tmp_path: Path) -> None:
    build_head(tmp_path / "one", BACKBONE, name="intents")
    build_head(tmp_path / "two", OTHER, name="topics")
    message = refused_together(tmp_path)
    assert message.startswith(f"{tmp_path / 'two'} belongs to the model other@{OTHER.revision[:12]}, not to tiny@")


def test_a_head_belongs_to_every_release_of_its_encoder(tmp_path: Path) -> None:
    build_head(tmp_path / "one", BACKBONE, name="intents")
    assert RERANKED.revision != BACKBONE.revision
    assert chosen(tmp_path, RERANKED).manifest.backbone.revision == BACKBONE.revision


def test_a_head_that_does_not_know_its_encoder_belongs_to_one_release(tmp_path: Path) -> None:
    build_head(tmp_path / "one", BACKBONE, name="intents", knows_encoder=False)
    assert load_heads(tmp_path, BACKBONE).keys() == {"intents"}
    assert "belongs to the model tiny@" in refused_together(tmp_path, RERANKED)


def test_a_head_that_was_released_before_heads_knew_their_encoder_loads_with_its_model(tmp_path: Path) -> None:
    text = Path(__file__).with_name("released_head.json").read_text()
    assert "encoder_revision" not in text
    shutil.copytree(HEADS / "afqmc", tmp_path / "afqmc")
    (tmp_path / "afqmc" / HEAD).write_text(text)
    model, released = load_artifact(MODELS / "edge-rank-zh").manifest, json.loads(text)
    heads = load_heads(tmp_path, model.model_copy(update={"revision": released["backbone"]["revision"]}))
    assert heads["afqmc"].manifest.revision == released["revision"]


def test_the_released_head_belongs_to_the_released_model() -> None:
    assert load_heads(HEADS, load_artifact(MODELS / "edge-rank-zh").manifest).keys() == {"afqmc"}


def test_the_released_pack_classifies_with_the_bundled_model() -> None:
    bundled = load_artifact(BUNDLED_MODEL)
    packs = load_heads(MODELS / "edge-rank-en-packs", bundled.manifest)
    assert packs.keys() == {"banking77-pack"}
    pack = opened(packs, OnnxEncoder(bundled))["banking77-pack"]
    assert pack.encoder is not None
    encoding = pack.encoder.encode([("My card has not arrived yet.",), ("How do I change my PIN?",)])
    chosen = pack.outputs(encoding).argmax(axis=1)
    assert [pack.facts.classes[place] for place in chosen] == ["card_arrival", "change_pin"]


def test_two_heads_of_a_name_are_refused(tmp_path: Path) -> None:
    build_head(tmp_path / "one", BACKBONE)
    build_head(tmp_path / "two", BACKBONE)
    assert "has two heads called topics" in refused_together(tmp_path)


def test_vectors_of_another_length_are_refused(tmp_path: Path) -> None:
    build_head(tmp_path / "one", BACKBONE, dimension=8)
    assert "backbone.dimension is not 16" in refused_together(tmp_path)


def test_a_damaged_head_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    assert "can't be read" in refused_together(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "has no head.json" in refused_together(tmp_path)


def test_there_are_no_more_heads_than_labels_of_a_metric_may_be(tmp_path: Path) -> None:
    for number in range(MOST_HEADS + 1):
        (tmp_path / str(number)).mkdir()
    assert f"at most {MOST_HEADS}" in refused_together(tmp_path)
