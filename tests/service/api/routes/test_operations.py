import threading
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient

from service.api.app import create_app
from service.encoder.base import Encoding
from service.feature_store.items.item import Item
from tests.service.apps import RunningApp, candidates, fake_model, ids, running, settings
from tests.service.encoders import FakeEncoder

CATALOGUE = [Item("taxi", "Taxi", "call a taxi", None), Item("split", "Split", "split a bill", "money")]


async def test_livez(service: RunningApp) -> None:
    response = await service.client.get("/livez")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}


async def test_readyz_says_what_is_waited_for_until_the_catalogue_is_held() -> None:
    encoder = WaitingEncoder()
    app = create_app(settings(), model=fake_model(encoder), catalogue=CATALOGUE)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://x") as client,
    ):
        response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json() == {"ready": False, "waiting_for": ["catalogue"]}
        encoder.go_on.set()


async def test_a_catalogue_that_fails_to_load_leaves_the_service_not_ready_but_alive() -> None:
    app = create_app(settings(), model=fake_model(BrokenEncoder()), catalogue=CATALOGUE)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://x") as client,
    ):
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_the_catalogue_is_ranked_by_id() -> None:
    async with running(catalogue=CATALOGUE) as service:
        answer = await service.rank(query="split a bill", candidates=[{"id": "taxi"}, {"id": "split"}])
        assert service.metric("ready") == 1
    assert ids(answer) == ["split", "taxi"]


async def test_a_redis_that_is_down_does_not_make_the_service_unready() -> None:
    async with running(settings(redis_url="redis://127.0.0.1:1/0")) as service:
        assert (await service.client.get("/readyz")).status_code == 200


async def test_info(service: RunningApp) -> None:
    info = (await service.client.get("/v1/info")).json()
    assert info["model"].startswith("fake@")
    assert info["encoder_revision"] == service.container.models.current.model.manifest.encoder_revision
    assert info["feature_store"] == "memory"
    assert info["signal_weights"]["search"]["query_similarity"] == 1.0
    assert info["experiment"] is None
    assert info["heads"] == {}
    assert info["logs_impressions"] is False
    assert info["limits"]["max_candidates"] == 1000
    assert info["limits"]["max_events"] == 1000


async def test_info_tells_the_experiment(tmp_path: Path) -> None:
    path = tmp_path / "experiment.toml"
    path.write_text(
        'name = "words-matter"\n[arms.a]\nshare = 0.9\nranker = "fused"\n[arms.b]\nshare = 0.1\nranker = "lexical"\n'
    )
    async with running(settings(experiment=path)) as service:
        info = (await service.client.get("/v1/info")).json()
    assert info["experiment"] == {
        "name": "words-matter",
        "arms": {
            "a": {"share": 0.9, "ranker": "fused", "own_weights": False, "model": None},
            "b": {"share": 0.1, "ranker": "lexical", "own_weights": False, "model": None},
        },
    }


async def test_metrics_tell_what_happened(service: RunningApp) -> None:
    await service.rank(query="secret words", candidates=[*candidates({"private-id": "other secret"}), {"id": "nobody"}])
    await service.client.get("/no/such/path")
    response = await service.client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain")
    lines = response.text.splitlines()
    assert 'edge_rank_requests_total{method="POST",route="/v1/rank",status="200"} 1.0' in lines
    assert 'edge_rank_requests_total{method="GET",route="unmatched",status="404"} 1.0' in lines
    assert "edge_rank_encoded_texts_total 2.0" in lines
    assert "edge_rank_missing_candidates_total 1.0" in lines
    assert 'edge_rank_cache_lookups_total{outcome="miss",tier="memory"} 2.0' in lines
    assert "edge_rank_candidates_sum 2.0" in lines
    assert any(line.startswith('edge_rank_model_info{name="fake",revision=') for line in lines)
    for private in ("secret", "private-id", "nobody", "no/such/path"):
        assert private not in response.text


async def test_two_apps_count_apart() -> None:
    async with running() as one, running() as other:
        await one.rank(query="x", candidates=[])
        assert one.metric("encoded_texts_total") == 1
        assert other.metric("encoded_texts_total") == 0


async def test_the_api_is_documented(service: RunningApp) -> None:
    schema = (await service.client.get("/openapi.json")).json()
    assert {
        "/v1/rank",
        "/v1/feedback",
        "/v1/items",
        "/v1/classify",
        "/v1/info",
        "/livez",
        "/readyz",
        "/metrics",
    } <= schema["paths"].keys()
    refused = schema["paths"]["/v1/rank"]["post"]["responses"]["422"]["content"]["application/json"]["schema"]
    assert refused["$ref"].endswith("/ErrorBody")
    assert (await service.client.get("/docs")).status_code == 200


class WaitingEncoder(FakeEncoder):
    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def encode(self, texts: Any) -> Encoding:
        self.go_on.wait(30)
        return super().encode(texts)


class BrokenEncoder(FakeEncoder):
    def encode(self, _texts: Any) -> Encoding:
        raise RuntimeError("broken")
