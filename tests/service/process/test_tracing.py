import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service.encoder.base import Encoding
from service.process.tracing import LAST_SPANS_S, TracesError, span_exporter
from tests.service.apps import fake_model, running, settings
from tests.service.artifacts import build_artifact
from tests.service.encoders import FakeEncoder
from tests.service.processes import serving, start

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


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/livez"),
        ("HEAD", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/docs"),
        ("GET", "/v1/secret"),
        ("SECRET", "/v1/rank"),
    ],
)
async def test_only_what_does_work_is_traced(spans: InMemorySpanExporter, method: str, path: str) -> None:
    async with running(settings(traces=True)) as service:
        await service.client.request(method, path)
    assert spans.get_finished_spans() == ()


def test_spans_are_sent_where_the_environment_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as collector:
        environment = _traced_to(collector)
        with serving("--model", build_artifact(tmp_path).folder, environment=environment) as service:
            assert httpx.post(f"{service.url}/v1/rank", json=BODY, timeout=30).status_code == 200
            collector.settimeout(20)
            connection, _ = collector.accept()
            with connection:
                connection.settimeout(20)
                sent = b""
                while b"edge-rank" not in sent:
                    sent += connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert sent.startswith(b"POST /v1/traces HTTP/1.1\r\n")
    assert b"/v1/rank" in sent


@pytest.mark.parametrize("workers", [1, 2])
def test_a_collector_that_never_answers_holds_nothing_up(tmp_path: Path, workers: int) -> None:
    model, log = build_artifact(tmp_path).folder, list[str]()
    with socket.create_server(("127.0.0.1", 0)) as collector:  # the system takes connections, and nobody answers
        flags = ("--model", model, "--workers", workers)
        with serving(*flags, environment=_traced_to(collector), log=log) as service:
            for _ in range(20):
                assert httpx.post(f"{service.url}/v1/rank", json=BODY, timeout=30).status_code == 200
            told_s = time.perf_counter()
            service.process.send_signal(signal.SIGTERM)
            service.process.wait(timeout=60)
            ended_s = time.perf_counter() - told_s
    assert ended_s < LAST_SPANS_S + 4
    assert "the last spans were not sent" in log[0]


def test_traces_that_can_not_be_sent_are_reported_at_start(tmp_path: Path) -> None:
    environment = {
        "EDGE_RANK_TRACES": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    _, written = start("--model", build_artifact(tmp_path).folder, environment=environment).communicate(timeout=60)
    assert written.startswith("edge-rank: traces are sent by http/protobuf")
    assert written.count("\n") == 1


def test_what_the_environment_says_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert span_exporter() is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")
    with pytest.raises(TracesError, match="must begin with http"):
        span_exporter()
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert span_exporter() is None


def _traced_to(collector: socket.socket) -> dict[str, str]:
    port = collector.getsockname()[1]
    return {
        "EDGE_RANK_TRACES": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
