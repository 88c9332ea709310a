import asyncio

from tests.service.apps import fake_model, running, settings, until
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
