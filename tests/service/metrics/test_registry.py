import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from loadtests.harness.redis_process import RedisProcess
from service.encoder.onnx import OnnxEncoder
from service.encoder.onnx_run import count_runs
from service.metrics.registry import Metrics
from tests.service.apps import RunningApp, candidates, fake_model, running, settings
from tests.service.artifacts import build_artifact
from tests.service.heads.heads import build_head, with_heads

TEXTS = {"bill": "split a bill", "taxi": "call a taxi"}


def series(service: RunningApp) -> set[str]:
    families = text_string_to_metric_families(service.container.metrics.exposition().decode())
    return {f"{one.name}{sorted(one.labels.items())}" for family in families for one in family.samples}


async def answer_in_every_way(service: RunningApp, redis: RedisProcess) -> None:
    await service.rank(query="share", candidates=candidates(TEXTS))
    answer = await service.rank(user={"id": "somebody"}, candidates=candidates(TEXTS))
    await service.rank(candidates=[], options={"ranker": "upstream"})
    post = service.client.post
    event = {"request_id": answer["request_id"], "item_id": "bill", "action": "click"}
    await post("/v1/feedback", json={"events": [event, {**event, "item_id": "other"}]})
    await post("/v1/feedback", json={"events": []})
    await post("/v1/rank", content=b"{")
    await post("/v1/rank", json={"candidates": 7})
    await post("/v1/rank", json={"query": "new words", "candidates": [], "options": {"deadline_ms": 1}})
    await post("/v1/embeddings", json={"model": "any", "input": "words"})
    await post("/v1/rerank", json={"model": "any", "query": "share", "documents": list(TEXTS.values())})
    await post("/v1/classify", json={"head": "topics", "inputs": ["words"]})
    await post("/v1/classify", json={"head": "none", "inputs": ["words"]})
    await service.client.put("/v1/items", json={"items": [{"id": "bill", "text": "split a bill"}]})
    for path in ("/v1/info", "/livez", "/readyz", "/metrics"):
        await service.client.get(path)
    redis.kill()
    await service.rank(query="share", candidates=candidates({"pay": "pay a bill"}))
    await service.rank(query="share", candidates=candidates({"ride": "share a ride"}))


async def test_every_series_is_there_before_the_first_request(redis_server: RedisProcess, tmp_path: Path) -> None:
    (tmp_path / "experiment.toml").write_text('name = "n"\n[arms.all]\nshare = 1\nranker = "lexical"\n')
    changed = settings(
        redis_url=redis_server.url,
        redis_timeout_ms=2000,
        experiment=tmp_path / "experiment.toml",
        impressions=tmp_path / "log",
    )
    model = fake_model()
    build_head(tmp_path / "heads" / "topics", model.manifest)
    async with running(changed, model=with_heads(model, tmp_path / "heads")) as service:
        before = series(service)
        await answer_in_every_way(service, redis_server)
        assert series(service) == before
        assert service.metric("redis_errors_total", operation="get", kind="connection") >= 1
        assert service.metric("redis_seconds_count", operation="get") >= 2
        assert service.metric("run_texts_count") == service.metric("onnx_runs_total")


def test_names_follow_prometheus() -> None:
    for family in Metrics().registry.collect():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", family.name)
        assert family.documentation.endswith(".") or family.name.startswith("process_")
        if family.name.startswith("edge_rank_"):
            assert not re.search(
                r"(milli|micro|_ms|kilo|mega|total)", family.name
            )  # base units; _total is the client's


async def test_what_waits_is_a_gauge() -> None:
    async with running() as service:
        await service.rank(query="share", candidates=candidates(TEXTS))
        assert service.metric("queue_tokens") == 0


def test_an_unmatched_route_is_timed_under_one_name() -> None:
    assert 'edge_rank_request_seconds_count{route="unmatched"} 0.0' in Metrics().exposition().decode()


async def test_only_scores_of_the_learned_weights_are_observed() -> None:
    async with running() as service:
        assert service.metric("best_score_count") == 0
        known = [{"id": "bill", "text": "split a bill", "score": 0.5}, {"id": "taxi", "text": "taxi", "score": 7.0}]
        answer = await service.rank(query="split a bill", candidates=known)
        await service.rank(query="split a bill", candidates=known, options={"ranker": "upstream"})
        await service.rank(query="split a bill", candidates=[])
        assert service.metric("best_score_count") == 1
        assert service.metric("best_score_sum") == pytest.approx(answer["results"][0]["score"])


def test_unknown_words_are_counted(tmp_path: Path) -> None:
    metrics = Metrics()
    OnnxEncoder(build_artifact(tmp_path), on_run=count_runs(metrics)).encode(["taxi такси"])
    assert metrics.registry.get_sample_value("edge_rank_unknown_pieces_total") == 1
