"""Several workers are one service, whichever of them answers: in real processes."""

import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from loadtests.harness.processes import Serving
from service.artifact.artifact import RANKER, VOCABULARY, load_artifact
from service.ranking.weights import default_weights, ranker_json
from tests.service.artifacts import OTHER_VOCABULARY, build_artifact
from tests.service.load import BODY, asking
from tests.service.processes import serving, start
from tests.service.security.test_api_keys import digest

pytestmark = pytest.mark.slow
together = pytest.mark.xdist_group("workers")  # what starts `pair` does so once

ANSWERS = {"200", "429"}
ADMIN = {"X-API-Key": "admin"}


def workers(service: Serving) -> list[psutil.Process]:
    """The workers, the oldest first."""
    found = []
    for child in psutil.Process(service.pid).children(recursive=True):
        try:
            parent = child.parent()
            if parent is not None and "forkserver" in " ".join(parent.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return sorted(found, key=lambda child: child.pid)


def until(happened: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)  # a scrape takes the workers some milliseconds, which others of this machine need


def ready_workers(service: Serving) -> float:
    """The number of live workers, by the service's metrics."""
    return metric(service, "edge_rank_workers")


def metric(service: Serving, name: str) -> float:
    lines = httpx.get(f"{service.url}/metrics", timeout=30).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def ask(service: Serving, method: str, path: str, **kwargs: Any) -> httpx.Response:
    """Over a connection of its own, so that any worker may answer."""
    return httpx.request(method, f"{service.url}{path}", headers=ADMIN, timeout=30, **kwargs)


def models(service: Serving, times: int = 40) -> Counter[str]:
    """Count the models that answer."""
    return Counter(ask(service, "POST", "/v1/rank", json=json.loads(BODY)).json()["model"] for _ in range(times))


def written(folder: Path) -> Path:
    """Models `first`, `second`, `reranked` and `broken`, and keys: `admin`'s, and one that may ask thirty times."""
    build_artifact(folder / "models" / "first")
    build_artifact(folder / "models" / "second", files={VOCABULARY: OTHER_VOCABULARY})
    ranker = ranker_json(default_weights()).encode() + b"\n"
    build_artifact(folder / "models" / "reranked", files={RANKER: ranker})
    build_artifact(folder / "models" / "broken")
    (folder / "models" / "broken" / RANKER).write_text("{}")
    keys = f'[keys.admin]\nsha256 = "{digest("admin")}"\nadmin = true\n'
    keys += f'[keys.limited]\nsha256 = "{digest("limited")}"\nrequests_per_s = 0.001\nburst = 30\n'
    (folder / "keys.toml").write_text(keys)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


@dataclass(frozen=True)
class Pair:
    """A service of two workers that tests share: whatever a test does to them, they serve in the end.

    Attributes:
        service: it.
        current: a link to the model that it reads when it is told to.
        models: the folders of models, by name.
    """

    service: Serving
    current: Path
    models: Path

    def link(self, name: str) -> str:
        """Link to a model. Returns the beginning of its revision, which answers have."""
        self.current.unlink(missing_ok=True)
        self.current.symlink_to(self.models / name)
        return load_artifact(self.models / name).manifest.revision[:12]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = written(tmp_path_factory.mktemp("pair"))
    current = folder / "current"
    current.symlink_to(folder / "models" / "first")
    with serving("--model", current, "--workers", 2, environment=environment(folder)) as service:
        yield Pair(service, current, folder / "models")


def environment(folder: Path) -> dict[str, str]:
    return {"EDGE_RANK_API_KEYS_FILE": str(folder / "keys.toml"), "EDGE_RANK_MODELS": str(folder / "models")}


def test_a_swap_reaches_all_workers_and_those_that_come_later(folder: Path) -> None:
    second = load_artifact(folder / "models" / "second").manifest
    with serving("--model", folder / "models" / "first", "--workers", 3, environment=environment(folder)) as service:
        assert len(models(service)) == 1
        swapped = ask(service, "POST", "/v1/admin/model", json={"model": "second"})
        assert swapped.status_code == 200
        assert swapped.json()["revision"] == second.revision
        assert models(service) == {swapped.json()["model"]: 40}
        assert metric(service, "edge_rank_model_swaps_total") == 1
        for _ in range(20):
            current = ask(service, "GET", "/v1/model/").json()["current"]
            assert current["revision"] == second.revision
            assert ask(service, "GET", f"/v1/model/{second.revision}/{VOCABULARY}").status_code == 200

        shutil.rmtree(folder / "models" / "second")  # whoever starts now has no use for the folder
        first, *_ = workers(service)
        first.kill()
        until(lambda: metric(service, "edge_rank_worker_restarts_total") == 1)
        until(lambda: len(workers(service)) == 3)
        with asking(service.port, 2):
            for process in workers(service)[:2]:  # so that the one that came later has to answer
                process.suspend()
            try:
                assert set(models(service, 1)) == {swapped.json()["model"]}
            finally:
                for process in workers(service)[:2]:
                    process.resume()


@together
@pytest.mark.parametrize("name", ["broken", "none"])
def test_a_model_that_may_not_be_served_reaches_no_worker(pair: Pair, name: str) -> None:
    service = pair.service
    assert ask(service, "POST", "/v1/admin/model", json={"model": "first"}).status_code == 200
    before, swaps = models(service, 10), metric(service, "edge_rank_model_swaps_total")
    refused = ask(service, "POST", "/v1/admin/model", json={"model": name})
    assert refused.status_code == 409
    assert models(service, 10) == before
    assert metric(service, "edge_rank_model_swaps_total") == swaps + 1
    assert ask(service, "POST", "/v1/admin/model", json={"model": "reranked"}).status_code == 200
    assert len(models(service)) == 1


def test_a_worker_that_dies_while_a_model_is_prepared_keeps_all_from_it_or_is_replaced_by_one_with_it(
    folder: Path,
) -> None:
    catalogue = "".join(json.dumps({"id": f"i-{n}", "text": f"taxi ride {n}"}) + "\n" for n in range(3000))
    (folder / "catalogue.jsonl").write_text(catalogue)
    flags = ("--model", folder / "models" / "first", "--catalogue", folder / "catalogue.jsonl", "--workers", 2)
    with serving(*flags, environment=environment(folder)) as service:
        client = httpx.Client(timeout=60)
        with asking(service.port, 1):

            def swap_model() -> None:
                with contextlib.suppress(httpx.TransportError):  # the worker that was asked may be the one that dies
                    client.post(f"{service.url}/v1/admin/model", json={"model": "second"}, headers=ADMIN)

            swap = threading.Thread(target=swap_model)
            swap.start()
            time.sleep(0.1)
            workers(service)[0].kill()
            swap.join()
        until(lambda: len(workers(service)) == 2)
        assert len(models(service)) == 1
        client.close()


def test_a_worker_takes_the_place_of_one_that_died_only_once_it_holds_the_catalogue(folder: Path) -> None:
    ids = [f"i-{number}" for number in range(4000)]
    (folder / "catalogue.jsonl").write_text(
        "".join(json.dumps({"id": item_id, "text": f"taxi ride {item_id}"}) + "\n" for item_id in ids)
    )
    flags = ("--model", folder / "models" / "first", "--catalogue", folder / "catalogue.jsonl", "--workers", 2)
    body = {"query": "taxi", "candidates": [{"id": item_id} for item_id in ids[::-1][:50]]}
    with serving(*flags) as service:
        assert metric(service, "edge_rank_memory_items") == 8000
        pid = workers(service)[0].pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: metric(service, "edge_rank_worker_restarts_total") == 1)
        missing, ready = Counter[int](), Counter[int]()
        while metric(service, "edge_rank_memory_items") < 8000:
            missing[httpx.post(f"{service.url}/v1/rank", json=body, timeout=30).json()["usage"]["missing_items"]] += 1
            ready[httpx.get(f"{service.url}/readyz", timeout=30).status_code] += 1
        for _ in range(20):
            missing[httpx.post(f"{service.url}/v1/rank", json=body, timeout=30).json()["usage"]["missing_items"]] += 1
        assert set(missing) == {0}
        assert set(ready) == {200}
        assert metric(service, "edge_rank_ready") == 1


@together
def test_a_hangup_reads_the_model_anew_in_all_workers_whoever_gets_it(pair: Pair) -> None:
    service = pair.service
    pids = [worker.pid for worker in workers(service)]
    for target, name in ((service.pid, "second"), (pids[1], "first")):
        label = pair.link(name)
        os.kill(target, signal.SIGHUP)
        until(lambda label=label: all(label in one for one in models(service, 4)))  # type: ignore[misc]
        assert len(models(service)) == 1
    assert [worker.pid for worker in workers(service)] == pids


def test_a_storm_of_hangups_ends(folder: Path) -> None:
    with serving("--model", folder / "models" / "first", "--workers", 2) as service:
        worker = workers(service)[0].pid
        for _ in range(200):
            os.kill(service.pid, signal.SIGHUP)
            os.kill(worker, signal.SIGHUP)
        until(lambda: metric(service, "edge_rank_model_swaps_total") >= 1)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=15) == 0


@together
def test_workers_allow_a_key_together_what_it_may(pair: Pair) -> None:
    def asked(times: int) -> Counter[int]:
        limited = {"X-API-Key": "limited"}
        return Counter(
            httpx.get(f"{pair.service.url}/v1/info", headers=limited, timeout=30).status_code for _ in range(times)
        )

    assert asked(60) == {200: 30, 429: 30}
    restarts = metric(pair.service, "edge_rank_worker_restarts_total")
    workers(pair.service)[0].kill()
    until(lambda: metric(pair.service, "edge_rank_worker_restarts_total") == restarts + 1)
    assert asked(20) == {429: 20}
    until(lambda: ready_workers(pair.service) == 2)


def test_feedback_finds_its_impression_and_the_log_goes_on_whichever_worker_answers(folder: Path) -> None:
    impressions = folder / "impressions"
    flags = ("--model", folder / "models" / "first", "--workers", 2)
    with serving(*flags, environment={"EDGE_RANK_IMPRESSIONS": str(impressions)}) as service:
        shown = []
        for number in range(40):
            body = {"query": "taxi", "candidates": [{"id": f"i-{number}", "text": "taxi ride"}]}
            shown.append(
                (httpx.post(f"{service.url}/v1/rank", json=body, timeout=30).json()["request_id"], f"i-{number}")
            )
        before = metric(service, "edge_rank_rankings_total")
        for worker in workers(service):
            worker.send_signal(signal.SIGTERM)
            until(lambda worker=worker: not worker.is_running())  # type: ignore[misc]
            until(lambda: len(workers(service)) == 2)
        unknown = 0
        for request_id, item_id in shown:
            event = {"request_id": request_id, "item_id": item_id, "action": "click"}
            answer = httpx.post(f"{service.url}/v1/feedback", json={"events": [event]}, timeout=30)
            unknown += answer.json()["unknown"]
        assert unknown == 0
        assert before == metric(service, "edge_rank_rankings_total") == 40, "what was counted before is counted still"
        text = httpx.get(f"{service.url}/metrics", timeout=30).text
        assert 'edge_rank_feedback_total{action="click",known="yes"} 40.0' in text
    assert {path.name for path in impressions.iterdir()} <= {"impressions-0.jsonl", "impressions-1.jsonl"}
    lines = [line for path in impressions.iterdir() for line in path.read_text().splitlines()]
    assert Counter(json.loads(line)["kind"] for line in lines) == {"impression": 40, "outcome": 40}


def text_of(path: Path) -> str:
    """The text of a file, which another service may remove at any time."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8")
    return ""


def test_the_files_of_the_dead_do_not_pile_up(folder: Path) -> None:
    with serving("--model", folder / "models" / "first", "--workers", 2) as service:
        httpx.post(f"{service.url}/v1/rank", content=BODY, headers={"Content-Type": "application/json"}, timeout=30)
        shared = next(
            path.parent
            for path in Path(tempfile.gettempdir()).glob("edge-rank-metrics-*/roster.json")
            if str(workers(service)[0].pid) in text_of(path)
        )
        before = sorted(path.name for path in shared.iterdir())
        for death in range(1, 4):
            workers(service)[0].kill()
            until(lambda death=death: metric(service, "edge_rank_worker_restarts_total") == death)  # type: ignore[misc]
            until(lambda: len(workers(service)) == 2)
        until(lambda: sorted(path.name for path in shared.iterdir()) == before)
        assert metric(service, "edge_rank_rankings_total") == 1
        assert metric(service, "edge_rank_requests_in_flight") == 1, "the one that asks for it"
    assert not shared.exists()


def test_a_killed_parent_takes_its_workers_along_and_frees_the_port(folder: Path) -> None:
    with serving("--model", folder / "models" / "first", "--workers", 2) as service:
        processes = workers(service)
        service.process.kill()
        service.process.wait()
        _, alive = psutil.wait_procs(processes, timeout=15)
        assert not alive
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", service.port))


def test_a_worker_that_hangs_at_the_end_is_killed(folder: Path) -> None:
    with serving("--model", folder / "models" / "first", "--workers", 2, hurried=True) as service:
        stopped = workers(service)[0]
        stopped.suspend()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=40) == 1
        assert not stopped.is_running()


def test_a_service_whose_workers_can_not_start_ends(folder: Path) -> None:
    log: list[str] = []
    flags = ("--model", folder / "models" / "first", "--workers", 2)
    with serving(*flags, environment=environment(folder), log=log, hurried=True) as service:
        (folder / "keys.toml").write_text("nonsense")
        for worker in workers(service):
            worker.kill()
        assert service.process.wait(timeout=90) == 1
    assert "workers keep dying" in log[0]
    assert "is not TOML" in log[0]


def test_one_worker_that_can_not_start_does_not_end_those_that_serve(folder: Path) -> None:
    flags = ("--model", folder / "models" / "first", "--workers", 2)
    with serving(*flags, environment=environment(folder), hurried=True) as service:
        time.sleep(1.1)  # whoever has served for so long counts as sound
        keys = (folder / "keys.toml").read_text()
        (folder / "keys.toml").write_text("nonsense")
        workers(service)[0].kill()
        until(lambda: metric(service, "edge_rank_worker_restarts_total") >= 3)
        assert models(service, 5)
        (folder / "keys.toml").write_text(keys)
        until(lambda: ready_workers(service) == 2)


def catches_ends(pid: int) -> bool:
    """True once a process catches `SIGTERM`: Python alone does not."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split("\n")[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize(
    ("workers_asked", "after_s", "number"),
    [(1, 0, signal.SIGTERM), (1, 0.5, signal.SIGINT), (2, 0, signal.SIGINT), (2, 1.5, signal.SIGTERM)],
)
def test_a_signal_at_any_moment_of_the_start_ends_it_cleanly(
    folder: Path, workers_asked: int, after_s: float, number: signal.Signals
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start("--model", folder / "models" / "first", "--port", port, "--workers", workers_asked)
    until(lambda: catches_ends(process.pid))
    time.sleep(after_s)
    process.send_signal(number)
    _, written = process.communicate(timeout=30)
    assert "Traceback" not in written
    assert process.returncode == 0


@pytest.mark.parametrize("number", [1, 2])
def test_no_request_is_lost_when_the_model_is_read_anew(folder: Path, number: int) -> None:
    with serving("--model", folder / "models" / "first", "--workers", number) as service:
        with asking(service.port) as outcomes:
            for _ in range(5):
                os.kill(service.pid, signal.SIGHUP)
                time.sleep(0.3)
        assert metric(service, "edge_rank_model_swaps_total") >= 1
    assert set(outcomes) <= ANSWERS


def outcomes_of_an_end(service: Serving) -> Counter[str]:
    with asking(service.port, 12, pause_s=0.02) as outcomes:
        time.sleep(0.5)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=15) == 0
    return outcomes


@pytest.mark.parametrize("number", [1, 3])
def test_no_request_is_reset_when_the_service_ends(folder: Path, number: int) -> None:
    with serving("--model", folder / "models" / "first", "--workers", number) as service:
        outcomes = outcomes_of_an_end(service)
    assert set(outcomes) <= {*ANSWERS, "refused"}


def test_no_request_is_lost_when_workers_are_replaced(folder: Path) -> None:
    catalogue = "".join(json.dumps({"id": f"i-{n}", "text": f"taxi ride {n}"}) + "\n" for n in range(100))
    (folder / "catalogue.jsonl").write_text(catalogue)
    flags = ("--model", folder / "models" / "first", "--catalogue", folder / "catalogue.jsonl", "--workers", 2)
    with serving(*flags) as service:
        with asking(service.port, 4, pause_s=0.02) as outcomes:
            for worker in workers(service):
                worker.send_signal(signal.SIGTERM)
                until(lambda worker=worker: not worker.is_running())  # type: ignore[misc]
                until(lambda: len(workers(service)) == 2)
                until(lambda: metric(service, "edge_rank_memory_items") >= 200)  # both hold the catalogue
        assert metric(service, "edge_rank_worker_restarts_total") == 2
    assert set(outcomes) <= ANSWERS
