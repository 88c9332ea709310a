import asyncio
from collections import Counter

from service.middleware.limit import LEAST
from tests.service.apps import RunningApp, fake_model, running, settings, until
from tests.service.encoders import GatedEncoder


async def test_more_requests_than_may_be_in_work_are_refused_and_the_others_answered() -> None:
    encoder = GatedEncoder()
    async with running(settings(max_requests=2), model=fake_model(encoder)) as service:
        bodies = [{"query": f"query {number}", "candidates": []} for number in range(2)]
        admitted = [asyncio.create_task(service.rank(**body)) for body in bodies]
        await until(lambda: service.metric("requests_in_flight") == 2)
        refused = await service.client.post("/v1/rank", content=b"not even JSON")
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "overloaded"
        assert refused.headers["Retry-After"] == "1"
        assert (await service.client.get("/livez")).status_code == 200
        assert service.metric("refused_requests_total", reason="overloaded") == 1
        encoder.gate.set()
        assert all(answer["results"] == [] for answer in await asyncio.gather(*admitted))
        await service.rank(**bodies[0])


async def test_while_answers_are_late_fewer_are_let_in() -> None:
    encoder = GatedEncoder()
    async with running(settings(max_requests=64, latency_goal_ms=200), model=fake_model(encoder)) as service:
        assert service.metric("requests_limit") == 64
        for turn in (1, 2):
            assert await late(service, encoder, turn) == {200: 64}
        limit = service.metric("requests_limit")
        assert LEAST <= limit < 64
        assert await late(service, encoder, 3) == {200: limit, 429: 64 - limit}


async def late(service: RunningApp, encoder: GatedEncoder, turn: int) -> dict[int, int]:
    """Ask 64 times at once, and let nothing be embedded for a while: how many answers had which status."""
    encoder.gate.clear()
    bodies = [{"query": f"query {turn} {number}", "candidates": []} for number in range(64)]
    asked = [asyncio.create_task(service.client.post("/v1/rank", json=body)) for body in bodies]
    limit = service.metric("requests_limit")
    await until(lambda: service.metric("requests_in_flight") == limit)
    await asyncio.sleep(0.3)
    encoder.gate.set()
    return Counter(answer.status_code for answer in await asyncio.gather(*asked))


async def test_who_would_wait_long_for_a_turn_is_refused_at_once() -> None:
    async with running(settings(latency_goal_ms=20)) as service:
        asked = [service.client.post("/v1/rank", json={"query": f"{one}", "candidates": []}) for one in range(200)]
        statuses = Counter(answer.status_code for answer in await asyncio.gather(*asked))
        assert set(statuses) == {200, 429}
        assert statuses[200] > 16
        assert service.metric("refused_requests_total", reason="overloaded") == statuses[429]
        await service.rank(query="later", candidates=[])
