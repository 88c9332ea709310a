from collections.abc import Sequence

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service.encoder.base import Encoding
from service.encoder.fake import FakeEncoder
from tests.service.apps import fake_model, running, settings

BODY = {"query": "secret query", "candidates": [{"id": "secret-item", "text": "secret text"}]}


class BrokenEncoder(FakeEncoder):
    def encode(self, texts: Sequence[str]) -> Encoding:
        raise RuntimeError(f"can't read {texts}")


async def test_requests_are_traced_where_that_is_wanted(spans: InMemorySpanExporter) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with running(settings(traces=True)) as service:
        await service.client.post("/v1/rank", json=BODY, headers={"traceparent": parent})
    (span,) = [one for one in spans.get_finished_spans() if one.name == "POST /v1/rank"]
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert "secret" not in span.to_json()


async def test_traces_are_off_by_default(spans: InMemorySpanExporter) -> None:
    async with running() as service:
        await service.rank(**BODY)
    assert spans.get_finished_spans() == ()


async def test_no_trace_holds_what_a_client_sent(spans: InMemorySpanExporter) -> None:
    async with running(settings(traces=True), model=fake_model(BrokenEncoder())) as service:
        assert (await service.client.post("/v1/rank", json=BODY)).status_code == 500
        assert (await service.client.post("/v1/rank", json={**BODY, "secret": "secret"})).status_code == 422
        assert (await service.client.post("/v1/rank?key=secret", json=BODY)).status_code == 500
        event = {"request_id": "secret", "item_id": "secret-item", "action": "click"}
        assert (await service.client.post("/v1/feedback", json={"events": [event]})).status_code == 200
    told = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "POST /v1/rank" in told
    assert "secret" not in told
