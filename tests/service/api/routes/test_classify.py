import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import pytest

from service.artifact.artifact import MODEL, GradeRange, TaskRecord
from service.heads.classifier import Classifier
from service.heads.manifest import Kind
from service.heads.pair_features import pair_features
from service.heads.row_classifier import RowClassifier
from service.models.model import Model
from tests.service.apps import RunningApp, bundled_model, fake_model, running, settings, until
from tests.service.artifacts import build_artifact, layered_graph
from tests.service.encoders import FakeEncoder, FakeRowEncoder, GatedEncoder
from tests.service.heads.heads import build_head, nearest, with_heads

EXAMPLES = {"bill": "split a bill", "taxi": "call a taxi", "train": "train tickets"}
SAME, OTHER = ("split a bill", "split a bill"), ("split a bill", "call a taxi")


def model(folder: Path, encoder: FakeEncoder | None = None) -> Model:
    """The fake model, with a head of texts, `topics`, and one of pairs, `alike`."""
    made, vectors = fake_model(encoder), FakeEncoder().encode(list(EXAMPLES.values())).vectors
    build_head(folder / "topics", made.manifest, classes=list(EXAMPLES), weights=nearest(vectors))
    sides = [FakeEncoder().encode(side).vectors for side in zip(OTHER, SAME, strict=True)]
    build_head(
        folder / "alike",
        made.manifest,
        name="alike",
        kind="pair",
        classes=["no", "yes"],
        weights=nearest(pair_features(*sides)),
    )
    return with_heads(made, folder)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running(model=model(tmp_path)) as app:
        yield app


async def ask(service: RunningApp, **body: Any) -> tuple[int, dict[str, Any]]:
    response = await service.client.post("/v1/classify", json=body)
    return response.status_code, response.json()


async def test_texts_get_their_classes(service: RunningApp) -> None:
    status, answer = await ask(
        service, request_id="r-1", head="topics", inputs=["call me a taxi", "split the dinner bill"]
    )
    assert status == 200
    assert [(one["index"], one["status"], one["label"]) for one in answer["results"]] == [
        (0, "ok", "taxi"),
        (1, "ok", "bill"),
    ]
    assert all(0.5 < one["probability"] < 1 and "top" not in one for one in answer["results"])
    assert answer["request_id"] == "r-1"
    assert answer["model"].startswith("fake@")
    assert answer["head"].startswith("topics@")
    assert answer["usage"] == {"tokens": 6 + 6, "encoded_texts": 2, "truncated_texts": 0, "unreadable_texts": 0}
    assert answer["timing_ms"].keys() == {"total", "encode", "score"}
    assert service.metric("classified_inputs_total", head="topics") == 2
    assert service.metric("classified_inputs_total", head="alike") == 0


async def test_pairs_get_their_classes_whichever_text_comes_first(service: RunningApp) -> None:
    pairs = [["call a taxi", "call a taxi"], ["call a taxi", "train tickets"]]
    _, answer = await ask(service, head="alike", inputs=pairs)
    _, turned = await ask(service, head="alike", inputs=[pair[::-1] for pair in pairs])
    assert [one["label"] for one in answer["results"]] == ["yes", "no"]
    assert turned["results"] == answer["results"]
    assert answer["usage"]["encoded_texts"] == 4


@pytest.mark.parametrize(("top_k", "told"), [(1, 1), (2, 2), (3.0, 3), (50, 3)])
async def test_the_likeliest_classes_come_in_order(service: RunningApp, top_k: float, told: int) -> None:
    _, answer = await ask(service, head="topics", inputs=["call a taxi"], top_k=top_k)
    (result,) = answer["results"]
    probabilities = [one["probability"] for one in result["top"]]
    assert result["top"][0] == {"label": result["label"], "probability": result["probability"]}
    assert probabilities == sorted(probabilities, reverse=True)
    assert len(probabilities) == told
    if told == len(EXAMPLES):
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)


async def test_an_unknown_head_is_reported_with_those_that_are_loaded_but_not_repeated(service: RunningApp) -> None:
    status, answer = await ask(service, head="secret", inputs=["a"])
    assert status == 404
    assert answer["error"]["code"] == "unknown_head"
    assert answer["error"]["message"] == "no such head; loaded are alike, topics"
    async with running() as without:
        status, answer = await ask(without, head="secret", inputs=["a"])
    assert (status, answer["error"]["message"]) == (404, "no head is loaded (EDGE_RANK_HEADS)")


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"head": "topics", "inputs": [["a", "b"]]}, "inputs", "this head classifies texts, not pairs of texts"),
        ({"head": "alike", "inputs": ["a"]}, "inputs", "this head classifies pairs of texts, not texts"),
        ({"head": "topics", "inputs": []}, "inputs", "at least 1 item"),
        ({"head": "topics", "inputs": "a"}, "inputs", "valid list"),
        ({"head": "topics", "inputs": ["a", " "]}, "inputs[1]", "must not be blank"),
        ({"head": "topics", "inputs": ["a", 7]}, "inputs[1]", "valid string"),
        ({"head": "alike", "inputs": [["a", "b"], ["a"]]}, "inputs[1]", "at least 2 items"),
        ({"head": "alike", "inputs": [["a", "b", "c"]]}, "inputs[0]", "at most 2 items"),
        ({"head": "alike", "inputs": [["a", "b"], ["a", "\t"]]}, "inputs[1][1]", "must not be blank"),
        ({"head": "alike", "inputs": [["a", "b"], "a"]}, "inputs[1]", "valid list"),
        ({"head": "topics", "inputs": ["a"], "top_k": 0}, "top_k", "greater than or equal to 1"),
        ({"head": "topics", "inputs": ["a"], "topk": 1}, "topk", "Extra inputs"),
        ({"inputs": ["a"]}, "head", "required"),
        ({"head": "topics", "heads": ["topics"], "inputs": ["a"]}, "heads", "leave it out, or head"),
        ({"heads": [], "inputs": ["a"]}, "heads", "at least 1 item"),
        ({"heads": ["topics"] * 17, "inputs": ["a"]}, "heads", "at most 16 items"),
        ({"heads": ["topics", "topics"], "inputs": ["a"]}, "heads[1]", "for the second time"),
        ({"heads": ["topics", "alike"], "inputs": ["a"]}, "heads[1]", "classifies pairs of texts, not texts"),
    ],
)
async def test_what_can_not_be_classified_is_reported(
    service: RunningApp, body: dict[str, Any], field: str, message: str
) -> None:
    status, answer = await ask(service, **body)
    assert status == 422
    (detail,) = answer["error"]["details"]
    assert detail["field"] == field
    assert message.replace("list", "") in detail["message"].replace("list", "").replace("array", "")


async def test_what_can_not_be_read_has_no_label(tmp_path: Path) -> None:
    made = bundled_model()
    examples = made.encoder.encode(list(EXAMPLES.values())).vectors
    sides = [made.encoder.encode(side).vectors for side in zip(OTHER, SAME, strict=True)]
    build_head(tmp_path / "topics", made.manifest, classes=list(EXAMPLES), weights=nearest(examples))
    weights = nearest(pair_features(*sides))
    build_head(tmp_path / "alike", made.manifest, name="alike", kind="pair", classes=["no", "yes"], weights=weights)
    async with running(model=with_heads(made, tmp_path)) as service:
        _, texts = await ask(service, head="topics", inputs=["обувь", "call a taxi", "😀"], top_k=2)
        _, pairs = await ask(service, head="alike", inputs=[["a taxi", "такси"], ["แบ่ง", "a taxi"], ["a", "a"]])
    unreadable = {"status": "unreadable", "probability": 0}
    assert texts["results"][0] == {"index": 0, **unreadable}
    assert texts["results"][2] == {"index": 2, **unreadable}
    assert (texts["results"][1]["status"], texts["results"][1]["label"]) == ("ok", "taxi")
    assert texts["usage"]["unreadable_texts"] == 2
    assert pairs["results"][:2] == [{"index": 0, **unreadable}, {"index": 1, **unreadable}]
    assert pairs["results"][2]["status"] == "ok"
    assert pairs["usage"]["unreadable_texts"] == 2


async def test_cut_texts_are_counted(service: RunningApp) -> None:
    _, answer = await ask(service, head="topics", inputs=["short", "word " * 40])
    assert answer["usage"]["truncated_texts"] == 1


async def test_too_many_inputs_are_refused(tmp_path: Path) -> None:
    async with running(settings(max_items=1), model=model(tmp_path)) as service:
        status, answer = await ask(service, head="topics", inputs=["a", "b"])
    assert status == 413
    assert answer["error"]["details"] == [{"field": "inputs", "message": "at most 1; this has 2"}]


async def test_more_scores_than_an_answer_may_have_are_refused(
    service: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.limits.MAX_SCORES", 5)
    two = ["call a taxi", "train tickets"]
    status, answer = await ask(service, head="topics", inputs=two, top_k=50)  # there are three classes
    assert status == 413
    assert answer["error"]["details"] == [
        {"field": "top_k", "message": "at most 2 for 2 results: an answer has at most 5 scores"}
    ]
    for inputs, top_k in ((two, 2), (["call a taxi"], 50), (two, None)):
        status, _ = await ask(service, head="topics", inputs=inputs, top_k=top_k)
        assert status == 200


async def test_a_full_queue(tmp_path: Path) -> None:
    encoder = GatedEncoder()
    async with running(settings(max_requests=2, encode_threads=1), model=model(tmp_path, encoder)) as service:
        waiting = [
            asyncio.create_task(ask(service, head="topics", inputs=[text])) for text in ("first text", "second text")
        ]
        await until(lambda: service.metric("queue_tokens") > 0)
        status, answer = await ask(service, head="topics", inputs=["third text"])
        assert (status, answer["error"]["code"]) == (429, "overloaded")
        encoder.gate.set()
        assert [status for status, _ in await asyncio.gather(*waiting)] == [200, 200]


async def test_a_deadline(tmp_path: Path) -> None:
    encoder = GatedEncoder()
    async with running(model=model(tmp_path, encoder)) as service:
        body, headers = {"head": "topics", "inputs": ["a text"]}, {"X-Request-Deadline-Ms": "20"}
        late = await service.client.post("/v1/classify", json=body, headers=headers)
        encoder.gate.set()
    assert (late.status_code, late.json()["error"]["code"]) == (504, "deadline_exceeded")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model, and a folder of heads: two linear ones, packs and task models of either kind."""
    folder = tmp_path_factory.mktemp("folders")
    backbone = build_artifact(folder / "model", files={MODEL: layered_graph()}).manifest
    for name, kind, rank in (
        ("linear", "text", 0),
        ("other", "text", 0),
        ("pack", "text", 4),
        ("second-pack", "text", 2),
        ("pairs", "pair", 0),
        ("pair-pack", "pair", 4),
    ):
        build_head(folder / "heads" / name, backbone, name=name, kind=cast("Kind", kind), rank=rank)
    for name, task in (
        ("task", TaskRecord(kind="text", classes=("no", "yes"))),
        ("pair-task", TaskRecord(kind="pair", classes=("no", "perhaps", "yes"))),
        ("grade", TaskRecord(kind="pair", grades=GradeRange(low=0.0, high=5.0))),
    ):
        build_artifact(folder / "heads" / name, name=name, task=task)
    return folder


@pytest.fixture
async def several(folders: Path) -> AsyncIterator[RunningApp]:
    async with running(
        settings(model=folders / "model", heads=folders / "heads", encode_threads=1), from_folder=True
    ) as app:
        yield app


TEXT_HEADS = {"linear": 3, "other": 3, "pack": 3, "second-pack": 3, "task": 2}
PAIR_HEADS = {"pairs": 3, "pair-pack": 3, "pair-task": 3}


@pytest.mark.parametrize(
    ("heads", "inputs", "encoded"),
    [
        (TEXT_HEADS, ["call a taxi", "pay the bill", "taxi ride " * 20], 3 * 4),
        (PAIR_HEADS, [["a taxi", "a ride"], ["a ride", "a taxi"]], 4 + 2 * 2),
    ],
)
async def test_several_heads_answer_as_each_alone(
    several: RunningApp, heads: dict[str, int], inputs: Any, encoded: int
) -> None:
    status, answer = await ask(several, heads=list(heads), inputs=inputs, top_k=3)
    assert status == 200
    assert "head" not in answer
    assert [label.partition("@")[0] for label in answer["heads"]] == list(heads)
    assert answer["usage"]["encoded_texts"] == encoded
    expected = []
    for name, classes in heads.items():
        _, alone = await ask(several, head=name, inputs=inputs, top_k=3)
        assert alone["head"] in answer["heads"]
        assert "heads" not in alone
        assert all(len(one["top"]) == classes and "head" not in one for one in alone["results"])
        expected += [{**one, "head": name} for one in alone["results"]]
        assert several.metric("classified_inputs_total", head=name) == 2 * len(inputs)
    assert without_rounding(answer["results"]) == without_rounding(expected)


def without_rounding(results: list[dict[str, Any]]) -> list[Any]:
    """Results without the last digit of numbers, which depends on the batch."""
    return [
        (one["head"], one["index"], one["label"], [round(score["probability"], 4) for score in one["top"]])
        for one in results
    ]


async def test_grades_stand_beside_classes(several: RunningApp) -> None:
    inputs = [["a taxi", "a ride"], ["taxi", "такси"], ["a ride", "a taxi ride"]]
    status, answer = await ask(several, heads=["pair-task", "grade"], inputs=inputs, top_k=2)
    assert status == 200
    classes, grades = answer["results"][:3], answer["results"][3:]
    assert all("grade" not in one for one in classes)
    assert [one["status"] for one in grades] == ["ok", "unreadable", "ok"]
    assert all(one["probability"] == 0 and not {"label", "top"} & one.keys() for one in grades)
    assert ["grade" in one for one in grades] == [True, False, True]
    assert grades[0]["grade"] != grades[2]["grade"]


async def test_a_pack_reads_one_window_and_counts_what_it_cuts(several: RunningApp) -> None:
    _, answer = await ask(several, head="pack", inputs=["taxi", "taxi ride " * 20])
    assert answer["usage"] == {"tokens": 3 + 16, "encoded_texts": 2, "truncated_texts": 1, "unreadable_texts": 0}
    _, answer = await ask(several, head="pair-task", inputs=[["taxi", "taxi ride " * 20], ["taxi", "такси"]])
    assert answer["usage"] == {"tokens": 16 + 5, "encoded_texts": 2, "truncated_texts": 1, "unreadable_texts": 1}
    assert [one["status"] for one in answer["results"]] == ["ok", "unreadable"]


async def test_what_classifies_is_listed(several: RunningApp) -> None:
    heads = (await several.client.get("/v1/info")).json()["heads"]
    assert {name: (one["type"], one["kind"]) for name, one in heads.items()} == {
        "linear": ("head", "text"),
        "other": ("head", "text"),
        "pairs": ("head", "pair"),
        "pack": ("pack", "text"),
        "second-pack": ("pack", "text"),
        "pair-pack": ("pack", "pair"),
        "task": ("model", "text"),
        "pair-task": ("model", "pair"),
        "grade": ("model", "pair"),
    }
    assert (heads["grade"]["classes"], heads["grade"]["grades"]) == ([], {"low": 0.0, "high": 5.0})
    assert all("grades" not in one for name, one in heads.items() if name != "grade")
    assert heads["linear"]["bytes"] == 3 * (16 + 8)
    assert heads["pack"]["bytes"] == 3 * (16 + 8) + 4 * 2 * (16 + 24 + 8)
    assert heads["pair-task"]["classes"] == ["no", "perhaps", "yes"]


async def test_an_unknown_head_among_several(several: RunningApp) -> None:
    status, answer = await ask(several, heads=["linear", "none"], inputs=["a"])
    assert (status, answer["error"]["code"]) == (404, "unknown_head")


async def test_late_rows_are_never_begun(several: RunningApp) -> None:
    runtime, reader = several.container.models.current, FakeRowEncoder(is_open=False, dimension=16)
    pack = runtime.model.heads["pack"]
    assert isinstance(pack, RowClassifier)
    with patch.dict(cast("dict[str, Classifier]", runtime.model.heads), {"pack": replace(pack, encoder=reader)}):
        first = asyncio.create_task(ask(several, head="pack", inputs=["first"]))
        await until(lambda: reader.waited)  # the only thread is at the first
        body, headers = {"head": "pack", "inputs": ["second"]}, {"X-Request-Deadline-Ms": "20"}
        late = await several.client.post("/v1/classify", json=body, headers=headers)
        assert late.status_code in {429, 504}
        reader.gate.set()
        assert (await first)[0] == 200
        status, _ = await ask(several, heads=["linear", "pack"], inputs=["third"])
    assert status == 200
    assert reader.calls == [["first"], ["third"]]


async def test_equal_probabilities_fall_to_the_class_that_stands_first(tmp_path: Path) -> None:
    made = fake_model()
    even = nearest(np.ones((2, 64), dtype=np.float32))
    build_head(tmp_path / "even", made.manifest, name="even", classes=("b", "a"), weights=even)
    async with running(model=with_heads(made, tmp_path)) as service:
        _, answer = await ask(service, head="even", inputs=["a"], top_k=2)
    assert [one["label"] for one in answer["results"][0]["top"]] == ["b", "a"]
