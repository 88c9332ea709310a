import json
import signal
import time
from pathlib import Path

import httpx

from tests.service.artifacts import build_artifact
from tests.service.processes import serving, start


def test_a_process_serves_and_its_log_holds_nothing_of_a_request(tmp_path: Path) -> None:
    model = build_artifact(tmp_path).folder
    log: list[str] = []
    with serving("--model", model, "--log-level", "debug", "--redis-url", "redis://127.0.0.1:1/0", log=log) as service:
        body = {
            "query": "secret query",
            "user": {"id": "private-user", "history": [{"item_id": "private-event", "action": "click"}]},
            "candidates": [{"id": "private-item", "text": "secret text"}, {"id": "private-other"}],
        }
        answer = httpx.post(f"{service.url}/v1/rank", json=body)
        refused = httpx.post(f"{service.url}/v1/rank", json={**body, "secret-field": "secret value"})
        metrics = httpx.get(f"{service.url}/metrics").text

    assert answer.status_code == 200
    assert answer.json()["degraded"] == ["feature_store"]
    assert refused.status_code == 422
    assert "server" not in answer.headers
    for written in (log[0], metrics):
        assert "secret" not in written
        assert "private" not in written
    assert "ready" in log[0]


def test_several_workers_count_as_one(tmp_path: Path) -> None:
    model = build_artifact(tmp_path).folder
    with serving("--model", model, "--workers", 2) as service:
        body = {"query": "taxi", "candidates": [{"id": "a", "text": "taxi ride"}]}
        with httpx.Client() as one:
            answers = [one.post(f"{service.url}/v1/rank", json=body) for _ in range(3)]
        answers += [httpx.post(f"{service.url}/v1/rank", json=body) for _ in range(17)]
        metrics = httpx.get(f"{service.url}/metrics").text
    assert {answer.status_code for answer in answers} == {200}
    assert 'edge_rank_requests_total{method="POST",route="/v1/rank",status="200"} 20.0' in metrics
    assert "edge_rank_ready 1.0" in metrics
    assert "pid=" not in metrics


def test_what_is_wrong_with_a_model_is_told_once_by_several_workers(tmp_path: Path) -> None:
    process = start("--model", tmp_path / "none", "--workers", 2)
    _, written = process.communicate(timeout=30)
    assert process.returncode == 1
    assert written.count("edge-rank:") == 1
    assert "Traceback" not in written


def test_a_process_drains_before_it_ends(tmp_path: Path) -> None:
    model = build_artifact(tmp_path).folder
    with serving("--model", model, environment={"EDGE_RANK_DRAIN_S": "1"}) as service, httpx.Client() as kept:
        assert "connection" not in kept.get(f"{service.url}/livez").headers
        service.process.send_signal(signal.SIGTERM)
        while (probe := httpx.get(f"{service.url}/readyz")).status_code == 200:
            time.sleep(0.01)
        assert probe.json() == {"ready": False, "waiting_for": ["shutdown"]}
        answer = kept.post(f"{service.url}/v1/rank", json={"query": "taxi", "candidates": []})
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert service.process.wait(timeout=15) in {0, -signal.SIGTERM}


def test_a_log_may_be_json(tmp_path: Path) -> None:
    model = build_artifact(tmp_path).folder
    log: list[str] = []
    with serving("--model", model, environment={"EDGE_RANK_LOG_FORMAT": "json"}, log=log):
        pass
    lines = [json.loads(line) for line in log[0].splitlines()]
    assert {"time", "level", "logger", "message"} <= lines[0].keys()
    assert any("ready" in line["message"] for line in lines)
