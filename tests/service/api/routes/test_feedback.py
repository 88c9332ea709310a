import json
from pathlib import Path
from typing import Any

import pytest

from service.api.limits import MAX_EVENTS
from service.impressions.keys import item_keys, request_key
from tests.service.apps import RunningApp, candidates, running, settings
from tests.service.security.test_api_keys import digest

TEXTS = {"taxi": "call a taxi", "split": "split a bill", "train": "train tickets"}


def event(request_id: str, item_id: str, action: str = "click") -> dict[str, str]:
    return {"request_id": request_id, "item_id": item_id, "action": action}


async def feed_back(service: RunningApp, *events: dict[str, str]) -> dict[str, Any]:
    response = await service.client.post("/v1/feedback", json={"events": events}, headers={"X-Request-ID": "f-1"})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def logged_in(folder: Path) -> list[dict[str, Any]]:
    """The lines in the log of this process."""
    (path,) = folder.iterdir()
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_what_was_shown_is_known(service: RunningApp) -> None:
    answer = await service.rank(query="taxi", candidates=candidates(TEXTS), options={"top_n": 2})
    shown = [event(answer["request_id"], result["id"], "purchase") for result in answer["results"]]
    assert await feed_back(service, *shown) == {"request_id": "f-1", "accepted": 2, "unknown": 0}
    assert service.metric("feedback_total", action="purchase", known="yes") == 2


async def test_what_nobody_remembers_is_accepted_and_counted(service: RunningApp) -> None:
    await service.rank(request_id="r-1", query="taxi", candidates=candidates(TEXTS), options={"exclude": ["train"]})
    events = [event("r-1", "taxi", "view"), event("r-1", "train", "view"), event("r-0", "taxi", "skip")]
    assert await feed_back(service, *events) == {"request_id": "f-1", "accepted": 3, "unknown": 2}
    assert service.metric("feedback_total", action="view", known="yes") == 1
    assert service.metric("feedback_total", action="view", known="no") == 1
    assert service.metric("feedback_total", action="skip", known="no") == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "events"),
        ({"events": []}, 422, "events"),
        ({"events": [{**event("r", "a"), "action": "like"}]}, 422, "events[0].action"),
        ({"events": [event("r", "")]}, 422, "events[0].item_id"),
        ({"events": [event("no request id", "a")]}, 422, "events[0].request_id"),
        ({"events": [{**event("r", "a"), "user": "u"}]}, 422, "events[0].user"),
        ({"events": [event("r", "a")] * (MAX_EVENTS + 1)}, 413, "events"),
    ],
)
async def test_another_shape_is_refused(service: RunningApp, body: Any, status: int, field: str) -> None:
    response = await service.client.post("/v1/feedback", json=body)
    assert response.status_code == status
    assert [detail["field"] for detail in response.json()["error"]["details"]] == [field]


async def test_as_many_events_as_are_allowed_are_taken(service: RunningApp) -> None:
    answer = await feed_back(service, *([event("r", "a")] * MAX_EVENTS))
    assert answer["accepted"] == MAX_EVENTS


async def test_what_is_not_json_is_refused(service: RunningApp) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await service.client.post("/v1/feedback", content=b"{", headers=headers)).status_code == 400
    assert (await service.client.post("/v1/feedback", content=b"{}")).status_code == 415


async def test_it_needs_an_api_key_where_others_do(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(f'[keys.app]\nsha256 = "{digest("good")}"\n')
    async with running(settings(api_keys_file=tmp_path / "keys.toml")) as service:
        body = {"events": [event("r", "a")]}
        assert (await service.client.post("/v1/feedback", json=body)).status_code == 401
        accepted = await service.client.post("/v1/feedback", json=body, headers={"X-API-Key": "good"})
        assert accepted.status_code == 200


async def test_an_outcome_is_logged_with_the_keys_of_its_impression(tmp_path: Path) -> None:
    async with running(settings(impressions=tmp_path)) as service:
        answer = await service.rank(
            query="a taxi", candidates=[*candidates(TEXTS), {"id": "nobody"}], user={"id": "private-user"}
        )
        await feed_back(service, event(answer["request_id"], "taxi"))
        assert (await service.client.get("/v1/info")).json()["logs_impressions"] is True
    impression, outcome = logged_in(tmp_path)
    key_of = item_keys(answer["request_id"])
    assert impression["request_id"] == outcome["request_id"] == request_key(answer["request_id"])
    assert impression["model"] == answer["model"]
    assert (impression["situation"], impression["ranker"], impression["variant"]) == ("search", "fused", None)
    assert [one["item"] for one in impression["results"]] == [key_of(one["id"]) for one in answer["results"]]
    assert [one["rank"] for one in impression["results"]] == [1, 2, 3, 4]
    assert outcome["item"] == impression["results"][0]["item"]
    of_nobody = next(one for one in impression["results"] if one["item"] == key_of("nobody"))
    assert of_nobody["signals"].keys() == {"upstream_position"}


async def test_what_is_logged_is_what_an_explanation_tells(tmp_path: Path) -> None:
    async with running(settings(impressions=tmp_path)) as service:
        answer = await service.rank(
            query="a taxi",
            user={"history": [{"text": "split a bill", "action": "click"}]},
            candidates=[{**one, "score": 0.5} for one in candidates(TEXTS)],
            options={"explain": True, "diversity": 0.5, "pin": ["train"]},
        )
    (logged,) = logged_in(tmp_path)
    assert logged["situation"] == "both"
    for result, told in zip(answer["results"], logged["results"], strict=True):
        explained = {name: one["value"] for name, one in result["explanation"].items() if "value" in one}
        assert told["signals"] == pytest.approx(explained, abs=1e-6)


async def test_a_request_that_fails_is_no_impression(tmp_path: Path) -> None:
    async with running(settings(impressions=tmp_path)) as service:
        response = await service.client.post("/v1/rank", json={"candidates": 7})
        assert response.status_code == 422
        await service.rank(query="a taxi", candidates=[])
    assert len(logged_in(tmp_path)) == 1


async def test_a_disk_that_is_full_fails_no_request(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"")  # a file where the folder should be
    async with running(settings(impressions=tmp_path / "folder")) as service:
        answer = await service.rank(query="taxi", candidates=candidates(TEXTS))
        assert (await feed_back(service, event(answer["request_id"], "taxi")))["unknown"] == 0
        metrics = service.container.metrics
    assert metrics.registry.get_sample_value("edge_rank_impressions_total", {"outcome": "dropped"}) == 2


async def test_nothing_is_logged_unless_that_is_wanted(service: RunningApp) -> None:
    await service.rank(query="taxi", candidates=candidates(TEXTS))
    assert (await service.client.get("/v1/info")).json()["logs_impressions"] is False
    assert service.metric("impressions_total", outcome="written") == 0
