"""Whole models in the core, through its Python binding, beside the service's own encoder and classifiers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from device.bindings.python import Candidate, Core, CoreError, Event, Model, files_of
from device.build import ROOT, build_shared, build_wasm
from service.artifact.artifact import load_artifact
from service.encoder.onnx import OnnxEncoder
from service.heads.loading import load_head
from service.heads.opening import opened
from service.settings import BUNDLED_MODEL
from tests.shared import built_once
from tests.web.texts import odd_texts

_MODELS = ROOT.parent / "models"
_EN, _ZH = BUNDLED_MODEL, _MODELS / "edge-rank-zh"
_FOLDERS = (_EN, _MODELS / "edge-rank-en-megabyte", _MODELS / "edge-rank-en-half-megabyte", _ZH)
_TEXTS = odd_texts(60, 5)
_LEAST_COSINE = 0.99999


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Core:
    """The core as apps have it."""
    folder = built_once(tmp_path_factory, "device-library", lambda to: build_shared(to / "edge_rank.so"))
    return Core(folder / "edge_rank.so")


@pytest.fixture(scope="session")
def model(library: Core) -> Iterator[Model]:
    with Model(library, files_of(_EN)) as loaded:
        yield loaded


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)
def test_texts_have_the_vectors_and_counts_of_the_service(library: Core, folder: Path) -> None:
    artifact = load_artifact(folder)
    theirs = OnnxEncoder(artifact).encode(_TEXTS)
    with Model(library, files_of(folder)) as model:
        ours = model.embed(_TEXTS)
        assert model.info["encoder_revision"] == artifact.manifest.encoder_revision
        assert model.info["revision"] == artifact.manifest.revision
    assert (ours.vectors * theirs.vectors).sum(axis=1).min() > _LEAST_COSINE
    assert ours.tokens == theirs.tokens.tolist()
    assert ours.truncated == theirs.truncated.tolist()
    assert ours.readable == theirs.readable.tolist()
    assert [features[0] for features in ours.features] == [len(windows) for windows in theirs.windows]


def test_a_text_has_the_same_vector_alone_and_among_others(model: Model) -> None:
    together = model.embed(_TEXTS).vectors
    alone = np.concatenate([model.embed([text]).vectors for text in _TEXTS[:20]])
    assert np.allclose(together[:20], alone, atol=1e-6)


def test_bytes_that_are_no_utf8_are_question_marks(model: Model) -> None:
    assert model.embed([b"a \xff b"]).features == model.embed(["a ? b"]).features


def test_candidates_are_ranked_by_a_query_and_a_history(model: Model) -> None:
    texts = ["Taxi. Call a car.", "Split bill. Share a restaurant bill.", "Cinema tickets"]
    features = model.embed(texts).features
    candidates = [Candidate(str(place), one) for place, one in enumerate(features)]
    assert model.rank(candidates, model.query("share the dinner bill")).order[0] == 1
    assert model.rank(candidates, events=[Event("click", features=model.embed(["film"]).features[0])]).order[0] == 2
    assert model.rank(candidates, pinned=[2], top_n=1).order == [2]


@pytest.mark.parametrize(
    ("folder", "head", "inputs"),
    [
        (_EN, _MODELS / "edge-rank-en-packs" / "banking77", ["my card was stolen", "exchange rate?", "", "why " * 90]),
        (_ZH, _MODELS / "edge-rank-zh-heads" / "afqmc", [("花呗怎么还款", "如何还花呗"), ("花呗", "天气"), ("", "花")]),
    ],
    ids=["pack", "head of pairs"],
)
def test_heads_and_packs_classify_as_the_service_does(
    library: Core, folder: Path, head: Path, inputs: list[str] | list[tuple[str, str]]
) -> None:
    encoder = OnnxEncoder(load_artifact(folder))
    classifier = opened({head.name: load_head(head)}, encoder)[head.name]
    reader = classifier.encoder or encoder
    given = classifier.encoded(inputs)
    texts = [one if isinstance(one, str) else one.texts for one in given]
    encoding = reader.encode(texts)  # type: ignore[arg-type]
    theirs = classifier.outputs(encoding)
    with Model(library, files_of(folder)) as model:
        loaded = model.load_head(head)
        ours = model.classify(inputs, loaded)
        assert model.labels(loaded) == list(classifier.facts.classes)
        loaded.close()
    assert np.abs(ours.outputs - theirs).max() < 1e-4
    assert sum(ours.tokens) == encoding.tokens.sum()


def test_a_head_of_another_model_is_refused(model: Model) -> None:
    with pytest.raises(CoreError, match="was fitted to another model") as refused:
        model.load_head(_MODELS / "edge-rank-zh-heads" / "afqmc")
    assert refused.value.status == "wrong_model"


def test_all_memory_comes_back_and_is_as_little_as_promised(library: Core) -> None:
    model = Model(library, files_of(_EN))
    features = len(model.embed(["Split bill. Share a restaurant bill."]).features[0])
    artifact = load_artifact(_EN).manifest.device_bytes
    assert model.info["memory"] + artifact + 1000 * features < 12_000_000
    model.close()
    assert model.pieces == 0


def test_a_graph_with_any_part_damaged_is_refused_or_read_within_bounds(library: Core) -> None:
    files = files_of(_MODELS / "edge-rank-en-half-megabyte")
    graph = files["onnx/model_int8.onnx"]
    rng = np.random.default_rng(7)
    for place in rng.integers(len(graph), size=60).tolist():
        damaged = {**files, "onnx/model_int8.onnx": graph[:place]}
        with pytest.raises(CoreError):
            Model(library, damaged)
    with pytest.raises(CoreError, match="checksum"):
        Model(library, {**files, "onnx/model_int8.onnx": graph[:-1] + bytes([graph[-1] ^ 1])})


def test_the_committed_webassembly_is_what_the_sources_compile_to(tmp_path: Path) -> None:
    build_wasm(tmp_path / "edge-rank.wasm")
    committed = ROOT.parent / "web" / "src" / "core" / "edge-rank.wasm"
    assert (tmp_path / "edge-rank.wasm").read_bytes() == committed.read_bytes(), (
        "compile it anew: python -m device.build wasm web/src/core/edge-rank.wasm; make web"
    )
