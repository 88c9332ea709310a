import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from loadtests.harness.processes import Serving
from service.artifact.artifact import VOCABULARY, load_artifact
from service.impressions.keys import request_key
from tests.service.artifacts import OTHER_VOCABULARY, build_artifact
from tests.service.heads.heads import build_head
from tests.service.processes import serving, start
from tests.service.pull.bundles import bundle

EXPERIMENT = 'name = "n"\n[arms.one]\nshare = 0.5\nranker = "fused"\n[arms.other]\nshare = 0.5\nranker = "lexical"\n'


def test_a_process_serves_and_what_it_writes_holds_nothing_of_a_request(tmp_path: Path) -> None:
    model = build_artifact(tmp_path / "model").folder
    (tmp_path / "experiment.toml").write_text(EXPERIMENT)
    environment = {
        "EDGE_RANK_IMPRESSIONS": str(tmp_path / "impressions"),
        "EDGE_RANK_EXPERIMENT": str(tmp_path / "experiment.toml"),
    }
    flags = ("--model", model, "--log-level", "debug", "--redis-url", "redis://127.0.0.1:1/0")
    log: list[str] = []
    with serving(*flags, environment=environment, log=log) as service:
        body = {
            "request_id": "private-request",
            "query": "secret query",
            "user": {"id": "private-user", "history": [{"item_id": "private-event", "action": "click"}]},
            "candidates": [{"id": "private-item", "text": "secret text"}, {"id": "private-other"}],
        }
        answer = httpx.post(f"{service.url}/v1/rank", json=body, timeout=30)
        refused = httpx.post(f"{service.url}/v1/rank", json={**body, "secret-field": "secret value"})
        event = {"request_id": "private-request", "item_id": "private-item", "action": "click"}
        events = [event, {**event, "item_id": "private-third"}, {**event, "request_id": "private-session"}]
        feedback = httpx.post(f"{service.url}/v1/feedback", json={"events": events}, timeout=30)
        wrong = httpx.post(f"{service.url}/v1/feedback", json={"events": [{**event, "action": "secret action"}]})
        metrics = httpx.get(f"{service.url}/metrics", timeout=30).text

    impressions = "".join(path.read_text() for path in (tmp_path / "impressions").iterdir())
    assert impressions.count("\n") == 4
    assert feedback.json().items() >= {"accepted": 3, "unknown": 2}.items()
    assert wrong.status_code == 422
    assert answer.status_code == 200
    assert answer.json()["degraded"] == ["feature_store"]
    assert refused.status_code == 422
    assert "server" not in answer.headers
    for written in (log[0], metrics, impressions, feedback.text, wrong.text):
        assert "secret" not in written
        assert "private" not in written
    assert "ready" in log[0]


@dataclass
class Pair:
    """A service of two workers, with an experiment, a roll-out that says nothing yet, and a head.

    Attributes:
        service: it.
        rollout: its file.
        at_start: its metrics before the first request.
    """

    service: Serving
    rollout: Path
    at_start: str

    def metrics(self) -> str:
        return httpx.get(f"{self.service.url}/metrics", timeout=30).text


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    for name in ("served", "new"):
        bundle(folder / "models" / name, name)
    build_head(folder / "heads" / "topics", load_artifact(folder / "models" / "served").manifest)
    rollout = folder / "rollout.toml"
    rollout.touch()
    (folder / "experiment.toml").write_text(EXPERIMENT)
    environment = {
        "EDGE_RANK_EXPERIMENT": str(folder / "experiment.toml"),
        "EDGE_RANK_HEADS": str(folder / "heads"),
        "EDGE_RANK_MODELS": str(folder / "models"),
        "EDGE_RANK_ROLLOUT": str(rollout),
    }
    with serving("--model", folder / "models" / "served", "--workers", 2, environment=environment) as service:
        at_start = httpx.get(f"{service.url}/metrics", timeout=30).text
        yield Pair(service, rollout, at_start)


def total(metrics: str, series: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in metrics.splitlines() if line.startswith(series))


def test_several_workers_count_as_one(pair: Pair) -> None:
    ranked = 'edge_rank_requests_total{method="POST",route="/v1/rank",status="200"}'
    before = total(pair.metrics(), ranked)
    body = {"query": "taxi", "candidates": [{"id": "a", "text": "taxi ride"}]}
    with httpx.Client(timeout=30) as one:
        answers = [one.post(f"{pair.service.url}/v1/rank", json=body) for _ in range(3)]
    answers += [httpx.post(f"{pair.service.url}/v1/rank", json=body, timeout=30) for _ in range(17)]
    metrics = pair.metrics()
    assert {answer.status_code for answer in answers} == {200}
    assert total(metrics, ranked) == before + 20
    assert "edge_rank_ready 1.0" in metrics
    assert "pid=" not in metrics


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_no_impression_of_an_answer_is_lost_when_it_is_told_to_end(tmp_path: Path, workers: int) -> None:
    model = build_artifact(tmp_path / "model").folder
    environment = {"EDGE_RANK_IMPRESSIONS": str(tmp_path / "impressions")}
    body = {"query": "taxi", "candidates": [{"id": f"item-{number}", "text": "taxi ride"} for number in range(50)]}
    shown: set[str] = set()
    with serving("--model", model, "--workers", workers, environment=environment) as service:
        for number in range(40):  # each over a connection of its own, so that every worker gets some
            answer = httpx.post(f"{service.url}/v1/rank", json={**body, "request_id": f"r-{number}"})
            shown.add(request_key(answer.json()["request_id"]))
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=15)
    paths = list((tmp_path / "impressions").iterdir())
    lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    assert len(lines) == 40
    assert {line["request_id"] for line in lines} == shown
    assert len(paths) <= workers


def test_several_workers_assign_alike_and_count_as_one(pair: Pair) -> None:
    assert 'edge_rank_rankings_total{ranker="lexical",variant="other"} 0.0' in pair.at_start
    before = total(pair.metrics(), "edge_rank_rankings_total{")
    for user in ("u-1", "u-2", "u-3", "u-4"):
        body = {"user": {"id": user}, "candidates": [{"id": "a", "text": "taxi ride"}]}
        answers = [httpx.post(f"{pair.service.url}/v1/rank", json=body, timeout=30).json() for _ in range(6)]
        assert len({(answer["ranker"], answer["variant"]) for answer in answers}) == 1
    assert total(pair.metrics(), "edge_rank_rankings_total{") == before + 24


def test_what_is_wrong_with_an_experiment_is_reported_once_by_several_workers(tmp_path: Path) -> None:
    model = build_artifact(tmp_path / "model").folder
    environment = {"EDGE_RANK_EXPERIMENT": str(tmp_path / "none.toml")}
    process = start("--model", model, "--workers", 2, environment=environment)
    _, written = process.communicate(timeout=60)
    assert process.returncode == 1
    assert written == f"edge-rank: {tmp_path / 'none.toml'} can't be read: No such file or directory\n"


def test_several_workers_take_a_change_of_the_roll_out_over(pair: Pair) -> None:
    pair.rollout.write_text('candidate = {model = "new", percent = 5}')
    seen: list[float | None] = []
    while seen[-12:] != [5.0] * 12:  # each over a connection of its own, so that every worker gets some
        candidate = httpx.get(f"{pair.service.url}/v1/model/", timeout=30).json()["candidate"]
        seen.append(candidate and candidate["percent"])
        assert len(seen) < 2000
    assert set(seen) <= {None, 5.0}


def test_what_is_wrong_with_a_roll_out_is_reported_once_by_several_workers(tmp_path: Path) -> None:
    model = build_artifact(tmp_path / "model").folder
    environment = {"EDGE_RANK_MODELS": str(tmp_path), "EDGE_RANK_ROLLOUT": str(tmp_path / "none.toml")}
    process = start("--model", model, "--workers", 2, environment=environment)
    _, written = process.communicate(timeout=60)
    assert process.returncode == 1
    assert written == f"edge-rank: {tmp_path / 'none.toml'} can't be read: No such file or directory\n"


def test_what_is_wrong_with_a_model_is_reported_once_by_several_workers(tmp_path: Path) -> None:
    process = start("--model", tmp_path / "none", "--workers", 2)
    _, written = process.communicate(timeout=60)
    assert process.returncode == 1
    assert written.count("edge-rank:") == 1
    assert "Traceback" not in written


@pytest.mark.parametrize("workers", [1, 2])
def test_a_head_of_another_model_is_reported_once_at_start(tmp_path: Path, workers: int) -> None:
    model = build_artifact(tmp_path / "model").folder
    other = build_artifact(tmp_path / "other", files={VOCABULARY: OTHER_VOCABULARY})
    build_head(tmp_path / "heads" / "topics", other.manifest)
    environment = {"EDGE_RANK_HEADS": str(tmp_path / "heads")}
    process = start("--model", model, "--workers", workers, environment=environment)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert told.startswith(f"edge-rank: {tmp_path / 'heads' / 'topics'} belongs to the model tiny@")
    assert told.count("\n") == 1


def test_workers_classify(pair: Pair) -> None:
    body = {"head": "topics", "inputs": ["taxi ride"]}
    answers = [httpx.post(f"{pair.service.url}/v1/classify", json=body, timeout=30) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert 'edge_rank_classified_inputs_total{head="topics"} 10.0' in pair.metrics()


def test_a_process_drains_before_it_ends(tmp_path: Path) -> None:
    model = build_artifact(tmp_path).folder
    with serving("--model", model, environment={"EDGE_RANK_DRAIN_S": "1"}) as service, httpx.Client() as kept:
        assert "connection" not in kept.get(f"{service.url}/livez").headers
        service.process.send_signal(signal.SIGTERM)
        while (probe := httpx.get(f"{service.url}/readyz", timeout=30)).status_code == 200:
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
