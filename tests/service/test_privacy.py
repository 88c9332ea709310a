"""Everything that is emitted while a marked request is answered, searched for the marks."""

import logging
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis.asyncio import Redis

from loadtests.harness.redis_process import RedisProcess
from service.process.logs import JsonFormatter, PrivateFormatter
from tests.service.apps import RunningApp, fake_model, running, settings
from tests.service.heads.heads import build_head, with_heads
from tests.service.security.test_api_keys import digest as digest_of

MARK = "marked"
KEY = f"{MARK}-key"
BODY: dict[str, Any] = {
    "request_id": "r-1",
    "query": f"{MARK} query",
    "user": {
        "id": f"{MARK}-user",
        "history": [{"item_id": f"{MARK}-event", "text": f"{MARK} event", "action": "click"}],
    },
    "context": {f"{MARK}-name": f"{MARK} value"},
    "candidates": [
        {"id": f"{MARK}-item", "text": f"{MARK} text", "features": {f"{MARK}-feature": 1.0}},
        {"id": f"{MARK}-unknown"},
    ],
}


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.toml"
    path.write_text(f'[keys.checkout]\nsha256 = "{digest_of(KEY)}"\n')
    return path


async def answer_marked_requests(service: RunningApp) -> None:
    headers = {"X-API-Key": KEY}
    ask = service.client.request
    items = [{"id": f"{MARK}-new", "title": f"{MARK} title", "description": f"{MARK} description"}]
    assert (await ask("POST", "/v1/rank", json=BODY, headers=headers)).status_code == 200
    assert (await ask("PUT", "/v1/items", json={"items": items}, headers=headers)).status_code == 200
    assert (await ask("POST", "/v1/embeddings", json={"input": f"{MARK} input"}, headers=headers)).status_code == 200
    documents = {"query": f"{MARK} query", "documents": [f"{MARK} document"]}
    assert (await ask("POST", "/v1/rerank", json=documents, headers=headers)).status_code == 200
    texts = {"head": "topics", "inputs": [f"{MARK} input"], "top_k": 2}
    assert (await ask("POST", "/v1/classify", json=texts, headers=headers)).status_code == 200
    refused = [
        await ask("POST", "/v1/classify", json={**texts, "head": f"{MARK}-head"}, headers=headers),
        await ask("POST", "/v1/classify", json={**texts, "inputs": [[MARK, MARK]]}, headers=headers),
        await ask("POST", "/v1/rank", json={**BODY, MARK: MARK}, headers=headers),
        await ask("POST", "/v1/rank", content=MARK, headers={**headers, "Content-Type": "application/json"}),
        await ask("POST", "/v1/rank", json=BODY, headers={"Authorization": f"Bearer {MARK}-wrong-key"}),
        await ask("GET", f"/{MARK}?{MARK}={MARK}", headers=headers),
    ]
    assert [one.status_code for one in refused] == [404, 422, 422, 400, 401, 404]
    assert MARK not in refused[0].text + refused[1].text


async def stored(redis: Redis) -> list[bytes]:
    """All keys of a Redis, and all values."""
    keys = [key async for key in redis.scan_iter()]
    return [*keys, *[value for value in await redis.mget(keys) if value is not None]]


async def test_nothing_emitted_holds_what_a_client_sent(
    redis_server: RedisProcess,
    keys_file: Path,
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    model = fake_model()
    build_head(tmp_path / "heads" / "topics", model.manifest)
    changed = settings(redis_url=redis_server.url, redis_timeout_ms=2000, api_keys_file=keys_file, traces=True)
    with caplog.at_level(logging.DEBUG):
        async with running(changed, model=with_heads(model, tmp_path / "heads")) as service:
            await answer_marked_requests(service)
            metrics = service.container.metrics.exposition().decode()
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]  # the test's own client
    lines = [written.format(record) for record in ours for written in (JsonFormatter(), PrivateFormatter())]
    traced = [span.to_json() for span in spans.get_finished_spans()]
    async with Redis(port=redis_server.port) as redis:
        kept = await stored(redis)

    assert any("ready" in line for line in lines)
    assert any("POST /v1/rank" in span for span in traced)
    assert len(kept) == 4, "the item that was ranked and the one that was put: a key and a value each"
    assert 'route="/v1/rank",status="200"} 1.0' in metrics
    emitted = {"logs": "\n".join(lines), "spans": "\n".join(traced), "metrics": metrics, "Redis": repr(kept)}
    assert [where for where, told in emitted.items() if MARK in told] == []
    assert [where for where, told in emitted.items() if digest_of(KEY) in told] == []
