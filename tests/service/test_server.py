from pathlib import Path

import httpx

from tests.service.artifacts import build_artifact
from tests.service.processes import serving


def test_a_process_serves_and_its_log_holds_nothing_of_a_request(tmp_path: Path) -> None:
    model = build_artifact(tmp_path).folder
    log: list[str] = []
    with serving("--model", model, "--log-level", "debug", "--redis-url", "redis://127.0.0.1:1/0", log=log) as url:
        body = {
            "query": "secret query",
            "user": {"id": "private-user", "history": [{"item_id": "private-event", "action": "click"}]},
            "candidates": [{"id": "private-item", "text": "secret text"}, {"id": "private-other"}],
        }
        answer = httpx.post(f"{url}/v1/rank", json=body)
        refused = httpx.post(f"{url}/v1/rank", json={**body, "secret-field": "secret value"})
        metrics = httpx.get(f"{url}/metrics").text

    assert answer.status_code == 200
    assert answer.json()["degraded"] == ["feature_store"]
    assert refused.status_code == 422
    assert "server" not in answer.headers
    for written in (log[0], metrics):
        assert "secret" not in written
        assert "private" not in written
    assert "ready" in log[0]
