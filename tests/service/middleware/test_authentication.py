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


async def test_a_file_without_keys_is_told_at_start(tmp_path: Path) -> None:
    with pytest.raises(KeysError):
        async with running(settings(api_keys_file=tmp_path / "none.toml")):
            pass
