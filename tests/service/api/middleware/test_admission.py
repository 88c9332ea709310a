import asyncio
import time
from collections import Counter

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api.middleware.admission import AdmissionMiddleware
from service.http.request_state import RequestState
from service.metrics.registry import Metrics
from tests.service.apps import fake_model, running, settings, until
from tests.service.encoders import GatedEncoder, SlowEncoder


def asked(query: str, texts: int = 0) -> dict[str, object]:
    return {"query": query, "candidates": [{"id": str(one), "text": f"{query} {one}"} for one in range(texts)]}


async def test_a_burst_on_an_idle_service_is_answered() -> None:
    async with running() as service:
        bodies = [asked(f"query {number}") for number in range(200)]
        answers = await asyncio.gather(*(service.client.post("/v1/rank", json=body) for body in bodies))
        assert Counter(answer.status_code for answer in answers) == {200: 200}
        assert service.metric("admission_ratio_count") == 200


async def test_a_full_queue_refuses_and_probes_pass() -> None:
    encoder = GatedEncoder()
    async with running(settings(max_requests=2), model=fake_model(encoder)) as service:
        admitted = [asyncio.create_task(service.rank(**asked(f"query {number}"))) for number in range(2)]
        await until(lambda: service.metric("requests_in_flight") == 2)
        refused = await service.client.post("/v1/rank", content=b"not even JSON")
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "overloaded"
        assert 1 <= int(refused.headers["Retry-After"]) <= 3
        assert (await service.client.get("/livez")).status_code == 200
        assert service.metric("refused_requests_total", reason="queue_full") == 1
        encoder.gate.set()
        assert all(answer["results"] == [] for answer in await asyncio.gather(*admitted))
        await service.rank(**asked("query 0"))


async def test_what_can_be_answered_in_time_is_and_what_can_not_is_refused_at_once() -> None:
    async with running(settings(encode_threads=1), model=fake_model(SlowEncoder(seconds_a_text=0.01))) as service:
        await service.rank(**asked("learned from", 20))
        large = [asyncio.create_task(service.rank(**asked(f"large {number}", 40))) for number in range(4)]
        await until(lambda: service.metric("queue_tokens") > 0)
        hasty = {"X-Request-Deadline-Ms": "100"}
        refused = await service.client.post("/v1/rank", json=asked("hasty", 30), headers=hasty)
        assert refused.status_code == 429
        assert "deadline" in refused.json()["error"]["message"]
        assert service.metric("refused_requests_total", reason="overloaded") == 1
        patient = await service.client.post("/v1/rank", json=asked("patient", 30))
        assert patient.status_code == 200
        assert not any("error" in answer for answer in await asyncio.gather(*large))
        assert service.metric("wait_seconds_count", **{"class": "large"}) >= 1


@pytest.mark.parametrize("said", ["0", "soon", "1e3", "99999"])
async def test_a_wrong_deadline_is_reported_as_ever(said: str) -> None:
    async with running() as service:
        answer: httpx.Response = await service.client.post(
            "/v1/rank", json=asked("query"), headers={"X-Request-Deadline-Ms": said}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_header")


async def test_a_request_beside_others_that_has_waited_too_long_is_refused_though_no_queue_is_before_it() -> None:
    """Answers may be late because of the event loop, which all share, while every queue is empty."""
    answered = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.06)
        await asyncio.wait_for(answered.wait(), 10)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    admission = AdmissionMiddleware(app, Metrics(), deadline_ms=100, max_requests=10)

    async def status(waited_s: float) -> int:
        statuses: list[int] = []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": "POST", "path": "/v1/rank", "headers": []}
        RequestState.of(scope).arrived_s = time.perf_counter() - waited_s
        await admission(scope, _nothing, send)
        return statuses[0]

    answered.set()
    assert [await status(waited_s=0.0) for _ in range(20)] == [200] * 20  # it learns how late answers are
    answered.clear()
    other = asyncio.create_task(status(waited_s=0.0))
    await asyncio.sleep(0)
    assert await status(waited_s=0.06) == 429
    answered.set()
    assert await other == 200


async def _nothing() -> Message:
    raise AssertionError
