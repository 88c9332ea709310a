from pathlib import Path

import pytest

from service.security.api_keys import KeysError
from tests.service.apps import running, settings
from tests.service.security.test_api_keys import digest

BODY = {"candidates": [{"id": "a", "text": "taxi"}]}


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.toml"
    path.write_text(
        f'[keys.checkout]\nsha256 = "{digest("good")}"\n'
        f'[keys.slow]\nsha256 = "{digest("slow")}"\nrequests_per_s = 0.1\nburst = 1\n'
    )
    return path


async def test_without_a_key_there_is_no_answer(keys_file: Path) -> None:
    async with running(settings(api_keys_file=keys_file)) as service:
        for headers in ({}, {"Authorization": "Bearer bad"}, {"Authorization": "Basic good"}, {"X-API-Key": "bad"}):
            response = await service.client.post("/v1/rank", json=BODY, headers=headers)
            assert response.status_code == 401
            assert response.json()["error"]["code"] == "unauthorized"
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert response.headers["X-Request-ID"] == response.json()["error"]["request_id"]
        assert service.metric("refused_requests_total", reason="unauthorized") == 4
        assert (await service.client.get("/v1/info")).status_code == 401


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer good"}, {"X-API-Key": "good"}])
async def test_with_a_key_there_is(keys_file: Path, headers: dict[str, str]) -> None:
    async with running(settings(api_keys_file=keys_file)) as service:
        assert (await service.client.post("/v1/rank", json=BODY, headers=headers)).status_code == 200


async def test_probes_and_metrics_need_none(keys_file: Path) -> None:
    async with running(settings(api_keys_file=keys_file)) as service:
        for path in ("/livez", "/readyz", "/metrics", "/docs", "/openapi.json"):
            assert (await service.client.get(path)).status_code == 200


async def test_a_key_makes_no_more_requests_than_it_may(keys_file: Path) -> None:
    async with running(settings(api_keys_file=keys_file)) as service:
        headers = {"X-API-Key": "slow"}
        assert (await service.client.post("/v1/rank", json=BODY, headers=headers)).status_code == 200
        refused = await service.client.post("/v1/rank", json=BODY, headers=headers)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "rate_limited"
        assert 9 <= int(refused.headers["Retry-After"]) <= 10
        other = await service.client.post("/v1/rank", json=BODY, headers={"X-API-Key": "good"})
        assert other.status_code == 200
        assert service.metric("refused_requests_total", reason="rate_limited") == 1


async def test_a_file_without_keys_is_reported_at_start(tmp_path: Path) -> None:
    with pytest.raises(KeysError):
        async with running(settings(api_keys_file=tmp_path / "none.toml")):
            pass


RIGHTS = ("rank", "items", "admin")
NEEDED = {
    ("POST", "/v1/rank"): "rank",
    ("POST", "/rank"): "rank",
    ("POST", "/v1/rerank"): "rank",
    ("POST", "/v1/embeddings"): "rank",
    ("POST", "/v1/classify"): "rank",
    ("POST", "/v1/feedback"): "rank",
    ("GET", "/v1/info"): "rank",
    ("GET", "/v1/catalogue"): "rank",
    ("GET", "/v1/model/"): "rank",
    ("GET", "/nowhere"): "rank",
    ("PUT", "/v1/items"): "items",
    ("PUT", "/v1/items/"): "items",
    ("POST", "/v1/admin/model"): "admin",
}


async def test_a_key_may_do_what_it_has_a_right_to_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text("\n".join(f'[keys.{one}]\nsha256 = "{digest(one)}"\nrights = ["{one}"]' for one in RIGHTS))
    async with running(settings(api_keys_file=path)) as service:
        for (method, url), needed in NEEDED.items():
            for right in RIGHTS:
                answer = await service.client.request(method, url, headers={"X-API-Key": right})
                assert (answer.status_code == 403) == (right != needed), (url, right)
                if answer.status_code == 403:
                    error = answer.json()["error"]
                    assert (error["code"], f'"{needed}"' in error["message"]) == ("forbidden", True)
        assert service.metric("refused_requests_total", reason="forbidden") == 2 * len(NEEDED)


async def test_without_keys_everybody_may_do_all_but_swap_models() -> None:
    async with running() as service:
        assert (await service.client.post("/v1/rank", json=BODY)).status_code == 200
        items = {"items": [{"id": "a", "text": "taxi"}]}
        assert (await service.client.put("/v1/items", json=items)).status_code == 200
        assert (await service.client.post("/v1/admin/model", json={})).status_code == 403
        assert service.metric("refused_requests_total", reason="forbidden") == 1
