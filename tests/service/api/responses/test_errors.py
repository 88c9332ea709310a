import logging
from typing import Any

import pytest

from service.encoder.base import Encoding
from service.process.logs import PrivateFormatter
from tests.service.apps import RunningApp, fake_model, ids, running, settings
from tests.service.encoders import FakeEncoder

SECRET = "my very private words"


async def refused(service: RunningApp, body: Any, status: int = 422) -> dict[str, Any]:
    response = await service.client.post("/v1/rank", json=body)
    assert response.status_code == status, response.text
    assert SECRET not in response.text
    error: dict[str, Any] = response.json()["error"]
    assert error["request_id"] == response.headers["X-Request-ID"]
    return error


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "candidates"),
        ({"candidates": [{"text": SECRET}]}, "candidates[0].id"),
        ({"candidates": [{"id": ""}]}, "candidates[0].id"),
        ({"candidates": [{"id": 7}]}, "candidates[0].id"),
        ({"candidates": [{"id": "a", "text": [SECRET]}]}, "candidates[0].text"),
        ({"candidates": [{"id": "a", "score": SECRET}]}, "candidates[0].score"),
        ({"candidates": [{"id": "a", "txet": SECRET}]}, "candidates[0].txet"),
        ({"candidates": [], "qeury": SECRET}, "qeury"),
        ({"candidates": [], "options": {"diversity": 2}}, "options.diversity"),
        ({"candidates": [], "options": {"top_n": 0}}, "options.top_n"),
        ({"candidates": [], "options": {"pin": ["a"], "exclude": ["a"]}}, "options"),
        ({"candidates": [], "user": {"history": [{"text": SECRET, "action": SECRET}]}}, "user.history[0].action"),
        ({"candidates": [], "user": {"history": [{"action": "click"}]}}, "user.history[0]"),
        (
            {"candidates": [], "user": {"history": [{"item_id": "a", "action": "view", "age_s": -1}]}},
            "user.history[0].age_s",
        ),
        ({"candidates": [], "request_id": SECRET}, "request_id"),
    ],
)
async def test_what_is_wrong_is_reported_by_field_and_never_repeated(
    service: RunningApp, body: Any, field: str
) -> None:
    error = await refused(service, body)
    assert error["code"] == "invalid_request"
    assert [detail["field"] for detail in error["details"]] == [field]


async def test_repeated_ids_are_reported_by_place(service: RunningApp) -> None:
    error = await refused(service, {"candidates": [{"id": "x"}, {"id": SECRET}, {"id": SECRET}]})
    assert "candidates[2] repeats candidates[1]" in error["details"][0]["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_numbers_must_be_finite(service: RunningApp, number: str) -> None:
    response = await service.client.post(
        "/v1/rank",
        content=f'{{"candidates": [{{"id": "a", "score": {number}}}]}}',
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["field"] == "candidates[0].score"


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe{}", b"[" * 100_000])
async def test_what_is_not_json_is_refused(service: RunningApp, body: bytes) -> None:
    response = await service.client.post("/v1/rank", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["error"]["code"] in ("invalid_json", "bad_request", "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-json"}])
async def test_what_is_not_declared_as_json_is_refused(service: RunningApp, headers: dict[str, str]) -> None:
    response = await service.client.post("/v1/rank", content=b'{"candidates": []}', headers=headers)
    assert response.status_code == 415
    assert response.json()["error"]["code"] == "unsupported_media_type"


async def test_a_charset_may_be_declared(service: RunningApp) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await service.client.post("/v1/rank", content=b'{"candidates": []}', headers=headers)).status_code == 200


async def test_a_text_that_was_cut_inside_an_emoji_is_read(service: RunningApp) -> None:
    items = b'{"id": "a", "text": "party \\ud83c\\udf89"}, {"id": "\\udfff"}'
    body = b'{"query": "party \\ud83c", "candidates": [' + items + b"]}"
    response = await service.client.post("/v1/rank", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    assert ids(response.json()) == ["a", "?"]


async def test_what_is_wrong_beside_a_lone_surrogate_is_reported(service: RunningApp) -> None:
    body = b'{"query": "\\ud800", "candidate": []}'
    response = await service.client.post("/v1/rank", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert [one["field"] for one in response.json()["error"]["details"]] == ["candidates", "candidate"]


async def test_limits_are_reported_by_field() -> None:
    async with running(settings(max_candidates=1, max_history=1)) as service:
        error = await refused(
            service,
            {
                "query": SECRET,
                "candidates": [{"id": "a"}, {"id": "b"}],
                "user": {"history": [{"text": SECRET, "action": "view"}, {"item_id": "a", "action": "view"}]},
            },
            413,
        )
    assert error["code"] == "request_too_large"
    assert [detail["field"] for detail in error["details"]] == ["candidates", "user.history"]


async def test_unknown_paths_and_methods(service: RunningApp) -> None:
    missing = await service.client.get("/nowhere")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "not_found"
    wrong = await service.client.get("/v1/rank")
    assert wrong.status_code == 405
    assert wrong.json()["error"]["code"] == "method_not_allowed"
    assert "POST" in wrong.headers["Allow"]


async def test_a_bug_answers_without_internals() -> None:
    async with running(model=fake_model(BrokenEncoder())) as service:
        response = await service.client.post(
            "/v1/rank", json={"query": SECRET, "candidates": []}, headers={"X-Request-ID": "bug-1"}
        )
        assert response.status_code == 500
        assert response.json() == {
            "error": {
                "code": "internal_error",
                "message": "the request failed for a reason inside the service",
                "request_id": "bug-1",
            }
        }
        assert response.headers["X-Request-ID"] == "bug-1"
        assert service.metric("requests_total", route="/v1/rank", method="POST", status="500") == 1


def test_a_logged_exception_withholds_its_message() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed", None, (ValueError, error, error.__traceback__)
        )
    line = PrivateFormatter().format(record)
    assert SECRET not in line
    assert "ValueError" in line
    assert "test_errors.py" in line


class BrokenEncoder(FakeEncoder):
    def encode(self, _texts: Any) -> Encoding:
        raise RuntimeError(SECRET)
