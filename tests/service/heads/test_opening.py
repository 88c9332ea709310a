"""Packs and task models: what they give, and what is refused."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.artifact.artifact import MANIFEST, MODEL, VOCABULARY, Artifact, ArtifactError, GradeRange, TaskRecord
from service.encoder.onnx import OnnxEncoder
from service.heads.classifier import Classifier, softmax
from service.heads.loading import ADAPTERS, HEAD, load_head, load_heads
from service.heads.manifest import HeadError, HeadManifest
from service.heads.opening import opened
from service.models.model import load_model
from service.text.wordpiece import WordPieceTokenizer
from service.user_error import UserError
from tests.service.artifacts import DIMENSION, MAX_LENGTH, build_artifact, graph, layered_graph, task_graph, task_table
from tests.service.encoder.test_adapted_graph import embedded
from tests.service.heads.heads import build_head, random_adapters, random_weights

LONG = "taxi ride " * 20
TASK = TaskRecord(kind="text", classes=("a", "b", "c"))
PAIRS = TaskRecord(kind="pair", classes=("no", "yes"))


@pytest.fixture
def backbone(tmp_path: Path) -> Artifact:
    return build_artifact(tmp_path / "backbone", files={MODEL: layered_graph()})


def classifiers(folder: Path, backbone: Artifact) -> dict[str, Classifier]:
    return opened(load_heads(folder, backbone.manifest), OnnxEncoder(backbone))


def decided(one: Classifier, inputs: Sequence[str] | Sequence[Sequence[str]]) -> tuple[Any, Any]:
    """Probabilities and encoding of inputs."""
    assert one.encoder is not None
    rows = [row for row in one.encoded(inputs) if not isinstance(row, str)]
    encoding = one.encoder.encode([row.texts for row in rows])
    return one.outputs(encoding), encoding


def ids_of(backbone: Artifact, inputs: Sequence[Sequence[str]]) -> list[Any]:
    return WordPieceTokenizer(backbone).rows(inputs)


@pytest.mark.parametrize("kind", ["text", "pair"])
def test_a_pack_computes_with_merged_matrices(tmp_path: Path, backbone: Artifact, kind: Any) -> None:
    build_head(tmp_path / "heads" / "one", backbone.manifest, kind=kind, rank=4)
    one = classifiers(tmp_path / "heads", backbone)["topics"]
    inputs: Any = (
        ["call a taxi", LONG, "split the bill"]
        if kind == "text"
        else [["a taxi", "a ride"], [LONG, "taxi"], ["a", LONG]]
    )
    found, encoding = decided(one, inputs)
    weights = random_weights(3, DIMENSION)
    adapters = [adapter.matrices() for adapter in random_adapters(4)]
    rows = ids_of(backbone, [(text,) if kind == "text" else text for text in inputs])
    for place, row in enumerate(rows):
        ids = np.array([row.ids])
        vector = embedded(ids, np.ones_like(ids), adapters)
        expected = softmax(vector @ weights.matrix().T + weights.biases)
        np.testing.assert_allclose(found[place], expected[0], atol=1e-5)
    assert encoding.tokens.max() == MAX_LENGTH
    assert encoding.truncated.tolist() == ([False, True, False] if kind == "text" else [False, True, True])
    assert one.facts.type == "pack"
    assert one.facts.bytes == 3 * (DIMENSION + 8) + 4 * (16 + 24 + 8) * 2


def test_a_pair_is_read_in_its_order(tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one", name="same", task=PAIRS)
    one = classifiers(tmp_path / "heads", backbone)["same"]
    (there, back), _ = decided(one, [["taxi", "ride"], ["ride", "taxi"]])
    assert there.tolist() != back.tolist()


@pytest.mark.parametrize("task", [TASK, PAIRS])
def test_a_task_model_gives_the_softmax_of_its_logits(tmp_path: Path, backbone: Artifact, task: TaskRecord) -> None:
    artifact = build_artifact(tmp_path / "heads" / "one", name="same", task=task)
    one = classifiers(tmp_path / "heads", backbone)["same"]
    inputs: Any = ["call a taxi", LONG, "ride"] if task is TASK else [["a taxi", "ride"], [LONG, "taxi"]]
    found, encoding = decided(one, inputs)
    table = task_table(len(task.classes))
    for place, row in enumerate(ids_of(artifact, [(text,) if task is TASK else text for text in inputs])):
        signs = np.where(np.arange(len(row.ids)) < row.second, 1, -2)
        np.testing.assert_allclose(found[place], softmax(signs[None] @ table[row.ids])[0], atol=1e-5)
    assert encoding.truncated.tolist()[:2] == [False, True]
    assert (one.facts.type, one.facts.kind, tuple(one.facts.classes)) == ("model", task.kind, task.classes)
    assert one.facts.bytes == artifact.manifest.device_bytes


def test_a_task_model_of_grades_gives_them_as_they_are(tmp_path: Path, backbone: Artifact) -> None:
    task = TaskRecord(kind="text", grades=GradeRange(low=0.0, high=5.0))
    artifact = build_artifact(tmp_path / "heads" / "one", name="same", task=task)
    one = classifiers(tmp_path / "heads", backbone)["same"]
    found, _ = decided(one, ["call a taxi", "ride"])
    rows = ids_of(artifact, [("call a taxi",), ("ride",)])
    np.testing.assert_allclose(found, [task_table(1)[row.ids].sum(axis=0) for row in rows], atol=1e-5)
    assert (one.facts.type, one.facts.classes, one.facts.grades) == ("model", (), task.grades)


@pytest.mark.parametrize(
    "task",
    [{"kind": "text"}, {"kind": "text", "classes": ["a"]}, {"classes": ["a", "b"], "grades": {"low": 0, "high": 1}}],
)
def test_a_task_without_outputs_or_with_both(task: dict[str, Any], tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one", name="same", task=TASK)
    path = tmp_path / "heads" / "one" / MANIFEST
    document = json.loads(path.read_text()) | {"task": {"kind": "text"} | task}
    path.write_text(json.dumps(document))
    assert "a task has" in refused(tmp_path / "heads", backbone)


def test_a_text_of_unknown_tokens_is_unreadable(tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one", name="same", task=PAIRS)
    one = classifiers(tmp_path / "heads", backbone)["same"]
    _, encoding = decided(one, [["такси", "taxi"], ["taxi", "такси"], ["taxi", "taxi"]])
    assert encoding.readable.tolist() == [False, False, True]


def test_repetitions_stay_in_a_row(tmp_path: Path, backbone: Artifact) -> None:
    build_head(tmp_path / "heads" / "one", backbone.manifest, rank=1)
    one = classifiers(tmp_path / "heads", backbone)["topics"]
    _, encoding = decided(one, ["taxi taxi taxi taxi"])
    assert encoding.tokens.tolist() == [6]


def refused(folder: Path, backbone: Artifact) -> str:
    with pytest.raises(UserError) as caught:
        classifiers(folder, backbone)
    assert isinstance(caught.value, HeadError | ArtifactError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a pack's document and seal it again."""
    document = json.loads((folder / HEAD).read_text())
    change(document)
    sealed = HeadManifest.model_validate_json(json.dumps(document)).sealed()
    (folder / HEAD).write_text(sealed.model_dump_json())


def test_adapters_that_are_torn_missing_or_too_long(tmp_path: Path, backbone: Artifact) -> None:
    build_head(tmp_path / "one", backbone.manifest, rank=2)
    path = tmp_path / "one" / ADAPTERS
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:-1] + b"\1", b""):
        path.write_bytes(content)
        with pytest.raises(HeadError, match=r"adapters\.bin does not match its checksum in head\.json"):
            load_head(tmp_path / "one")
    path.write_bytes(whole + b"\0")
    with pytest.raises(HeadError, match="is larger than"):
        load_head(tmp_path / "one")
    path.unlink()
    with pytest.raises(HeadError, match="can't be read"):
        load_head(tmp_path / "one")


def test_a_document_that_lost_its_adapters_is_not_a_head(tmp_path: Path, backbone: Artifact) -> None:
    build_head(tmp_path, backbone.manifest, rank=2)
    document = json.loads((tmp_path / HEAD).read_text())
    del document["adapters"]
    (tmp_path / HEAD).write_text(json.dumps(document))
    with pytest.raises(HeadError, match="its revision does not match its contents"):
        load_head(tmp_path)


@pytest.mark.parametrize("rank", [0, 65])
def test_a_rank_beyond_its_bounds(tmp_path: Path, backbone: Artifact, rank: int) -> None:
    build_head(tmp_path, backbone.manifest, rank=2)
    document = json.loads((tmp_path / HEAD).read_text())
    document["adapters"]["rank"] = rank
    (tmp_path / HEAD).write_text(json.dumps(document))
    with pytest.raises(HeadError, match=r"adapters\.rank"):
        load_head(tmp_path)


def test_adapters_of_other_layers(tmp_path: Path, backbone: Artifact) -> None:
    heads = tmp_path / "heads"
    build_head(heads / "one", backbone.manifest, rank=2)
    changed(heads / "one", lambda document: document["adapters"].update(rank=3))
    told = f"{heads / 'one' / HEAD} is not valid: adapters.bytes is 192, but rank 3 takes 288 in the 2 linear layers"
    assert refused(heads, backbone).startswith(told)


@pytest.mark.parametrize("number", [np.nan, np.inf, -1e6])
def test_scales_that_are_not_finite_or_large(tmp_path: Path, backbone: Artifact, number: float) -> None:
    adapters = random_adapters(2)
    adapters[1].up_scales[1] = number
    data = b"".join(one.to_bytes() for one in adapters)
    build_head(tmp_path / "heads" / "one", backbone.manifest, rank=2, adapters=data)
    assert "has scales that are not finite, or beyond 1000" in refused(tmp_path / "heads", backbone)


def test_a_backbone_without_linear_layers(tmp_path: Path) -> None:
    backbone = build_artifact(tmp_path / "backbone")
    build_head(tmp_path / "heads" / "one", backbone.manifest, rank=2)
    assert "has no linear layers that can take adapters" in refused(tmp_path / "heads", backbone)


def test_a_pack_of_another_model(tmp_path: Path, backbone: Artifact) -> None:
    other = build_artifact(tmp_path / "other", files={MODEL: graph(seed=8)}, name="other")
    build_head(tmp_path / "heads" / "one", other.manifest, rank=2)
    assert "belongs to the model other@" in refused(tmp_path / "heads", backbone)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({MODEL: b"not a graph"}, "not those of an ONNX graph"),
        ({MODEL: task_graph(2)}, "takes attention_mask of tensor(int64), input_ids of tensor(int64), not"),
        ({MODEL: task_graph(3, pairs=True)}, "gives numbers of shape (2, 3), the manifest states [2, 2]"),
        ({MODEL: graph()}, "takes"),
        ({VOCABULARY: b"[PAD]\n"}, "the manifest states"),
    ],
)
def test_task_models_that_are_not_what_they_state(
    tmp_path: Path, backbone: Artifact, files: dict[str, bytes], told: str
) -> None:
    build_artifact(tmp_path / "heads" / "one", name="same", task=PAIRS, files=files)
    assert told in refused(tmp_path / "heads", backbone)


def test_a_task_model_with_numbers_that_are_not_finite(tmp_path: Path, backbone: Artifact) -> None:
    spoilt = task_graph(2, pairs=True).replace(task_table(2)[7].tobytes(), np.full(2, np.nan, np.float32).tobytes())
    build_artifact(tmp_path / "heads" / "one", name="same", task=PAIRS, files={MODEL: spoilt})
    assert "'table' has numbers that are not finite" in refused(tmp_path / "heads", backbone)


def test_a_task_model_whose_logits_overflow(tmp_path: Path, backbone: Artifact) -> None:
    spoilt = task_graph(2, pairs=True).replace(task_table(2).tobytes(), np.full_like(task_table(2), 3e38).tobytes())
    build_artifact(tmp_path / "heads" / "one", name="same", task=PAIRS, files={MODEL: spoilt})
    assert "gives numbers that are not finite" in refused(tmp_path / "heads", backbone)


@pytest.mark.parametrize(
    ("name", "classes", "told"),
    [
        ("same", ("a", "a", "b"), "two classes have the same label"),
        ("same", ("", "a", "b"), "a label 1 to 128 characters"),
        ("two words", TASK.classes, "a name has at most 64 letters"),
    ],
)
def test_names_and_labels_that_can_not_be_served(
    tmp_path: Path, backbone: Artifact, name: str, classes: tuple[str, ...], told: str
) -> None:
    build_artifact(tmp_path / "heads" / "one", name=name, task=TaskRecord(kind="text", classes=classes))
    assert told in refused(tmp_path / "heads", backbone)


def test_other_numbers_of_classes_than_the_manifest_states(tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one", name="same", task=TASK)
    path = tmp_path / "heads" / "one" / MANIFEST
    path.write_text(path.read_text().replace('"dimension": 3', '"dimension": 4'))
    assert "the task has 3 outputs, but model.dimension is 4" in refused(tmp_path / "heads", backbone)


def test_a_task_model_that_is_torn(tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one", name="same", task=TASK)
    (tmp_path / "heads" / "one" / VOCABULARY).write_text("torn")
    assert "does not match its checksum in manifest.json" in refused(tmp_path / "heads", backbone)


def test_a_model_that_embeds_among_the_heads(tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one")
    assert refused(tmp_path / "heads", backbone) == (
        f"{tmp_path / 'heads' / 'one'} is a model that embeds, not a head or a task model; EDGE_RANK_MODEL names it"
    )


def test_two_of_a_name(tmp_path: Path, backbone: Artifact) -> None:
    build_artifact(tmp_path / "heads" / "one", name="topics", task=TASK)
    build_head(tmp_path / "heads" / "two", backbone.manifest)
    assert "two heads called topics" in refused(tmp_path / "heads", backbone)


def test_a_task_model_does_not_rank(tmp_path: Path) -> None:
    artifact = build_artifact(tmp_path, name="same", task=TASK)
    told = f"{tmp_path} is a task model, which only classifies; put it into the folder of EDGE_RANK_HEADS"
    with pytest.raises(ArtifactError) as caught:
        load_model(tmp_path, run_tokens=256, on_run=lambda _: None)
    assert str(caught.value) == told
    with pytest.raises(ArtifactError, match="only classifies"):
        OnnxEncoder(artifact)


def test_plain_heads_have_no_section_of_adapters(tmp_path: Path, backbone: Artifact) -> None:
    manifest = build_head(tmp_path, backbone.manifest)
    assert "adapters" not in manifest.model_dump_json()
    assert hashlib.sha256(manifest.model_copy(update={"revision": ""}).model_dump_json().encode()).hexdigest() == (
        manifest.revision
    )
