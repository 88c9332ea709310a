"""The promise that makes the service fast: what is known is neither embedded again nor fetched twice."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from redis.asyncio import Redis

from loadtests.harness.redis_process import RedisProcess
from service.encoder.onnx import OnnxEncoder
from service.encoder.onnx_run import count_runs
from service.metrics.registry import Metrics
from service.models.model import Model
from service.ranking.weights import load_weights
from tests.service.apps import RunningApp, running, settings
from tests.service.artifacts import build_artifact

ITEMS = [f"item-{number}" for number in range(100)]
REQUEST = {"query": "split the dinner bill", "candidates": [{"id": one} for one in ITEMS]}
HISTORY = [{"text": "taxi ride", "action": "click"}, {"text": "train ticket", "action": "skip"}]


class CountedRuns:
    """Counts the runs of a real ONNX session."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        self._session = encoder._graph.session
        self.count = 0

    def run(self, *arguments: Any) -> Any:
        self.count += 1
        return self._session.run(*arguments)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    artifact = build_artifact(tmp_path / "artifact")
    encoder = OnnxEncoder(artifact, on_run=count_runs(Metrics()))
    return Model(artifact.manifest, encoder, load_weights(artifact.ranker_path))


@pytest.fixture
async def redis(redis_server: RedisProcess) -> AsyncIterator[Redis]:
    async with Redis(port=redis_server.port) as client:
        yield client


async def lookups(redis: Redis) -> int:
    """The number of reading commands that Redis was sent."""
    stats = await redis.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("mget", "get", "hget", "hmget", "getex"))


async def put_items(service: RunningApp) -> None:
    items = [{"id": one, "text": f"pay the bill {number}"} for number, one in enumerate(ITEMS)]
    response = await service.client.put("/v1/items", json={"items": items})
    assert response.json()["degraded"] == []


@pytest.mark.parametrize("history", [[], HISTORY])
async def test_cached_candidates_cost_one_run_and_one_lookup(
    redis_server: RedisProcess, redis: Redis, model: Model, history: list[dict[str, str]]
) -> None:
    changed = settings(redis_url=redis_server.url, redis_timeout_ms=2000)
    async with running(changed, model=model) as one:
        await put_items(one)
    assert isinstance(model.encoder, OnnxEncoder)
    runs = CountedRuns(model.encoder)
    with patch.object(model.encoder._graph, "session", runs):
        # A new process: its memory is empty, so everything comes from Redis.
        async with running(changed, model=model) as other:
            before = await lookups(redis)
            first = await other.rank(**REQUEST, user={"history": history})
            assert (runs.count, await lookups(redis) - before) == (1, 1)
            assert first["usage"]["cached_items"] == 100
            assert first["usage"]["encoded_texts"] == 1 + len(history)

            # Now its memory holds all of them.
            second = await other.rank(**REQUEST, user={"history": history})
            assert (runs.count, await lookups(redis) - before) == (1 + bool(history), 1 + bool(history))
    assert second["results"] == first["results"]


async def test_runs_are_counted_as_they_happen(tmp_path: Path) -> None:
    metrics = Metrics()
    encoder = OnnxEncoder(build_artifact(tmp_path), run_tokens=8, on_run=count_runs(metrics))
    before = metrics.registry.get_sample_value("edge_rank_onnx_runs_total")
    encoder.encode(["taxi", "taxi ride", "taxi"])  # 3, 4 and 3 tokens: two share a run, one has its own
    after = metrics.registry.get_sample_value("edge_rank_onnx_runs_total")
    assert before == 1  # the warm-up
    assert after == 3
