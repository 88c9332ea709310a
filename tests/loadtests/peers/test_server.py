from pathlib import Path
from typing import Any

import pytest

from loadtests.peers.peer import PeerError, Request
from loadtests.peers.server import Api, Server, server
from tests.loadtests.peers.fakes import answering, place_in

API = Api(
    path="/rank",
    ready="/",
    body=lambda request: {"q": request.query, "t": list(request.texts)},
    scores=lambda answer, count: [answer["scores"][place] for place in range(count)],
)
BILL = Request("bill", ["a", "b"])


def _right(_: str, body: Any) -> tuple[int, Any]:
    return 200, {"scores": [len(body["t"]), 0.5]}


def test_a_server_is_asked_and_timed() -> None:
    with answering(_right) as heard:
        running = Server(0, heard.port, API)
        assert running.rank(BILL) == [2, 0.5]
        assert len(running.latencies_s([BILL] * 3)) == 3
        assert running.rate([BILL] * 8) > 0
    assert heard.requests == [("POST", "/rank", {"q": "bill", "t": ["a", "b"]})] * 12


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (500, {}, "/rank answered with status 500"),
        (200, b"<html>", "/rank answered something else than JSON"),
        (200, {"scores": [1.0]}, "/rank answered without a score for every text"),
        (200, {"results": []}, "/rank answered without a score for every text"),
        (200, [], "/rank answered without a score for every text"),
    ],
)
def test_what_is_no_ranking_is_reported(status: int, content: Any, message: str) -> None:
    with answering(lambda _path, _body: (status, content)) as heard, pytest.raises(PeerError, match=message):
        Server(0, heard.port, API).rank(BILL)


def test_requests_that_fail_are_no_measurement() -> None:
    with answering(lambda _path, _body: (429, {})) as heard, pytest.raises(PeerError, match="3 of 3 requests failed"):
        Server(0, heard.port, API).latencies_s([BILL] * 3)


def test_a_server_that_is_gone_is_reported() -> None:
    with answering(_right) as heard:
        running = Server(0, heard.port, API)
    with pytest.raises(PeerError, match="/rank did not answer"):
        running.rank(BILL)
    with pytest.raises(PeerError, match="closed a connection"):
        running.latencies_s([BILL])


def test_only_a_server_with_items_learns() -> None:
    with answering(lambda _path, _body: (200, {})) as heard:
        with pytest.raises(PeerError, match="nothing to remember"):
            Server(0, heard.port, API).learn(["a"])
        learning = Api(
            API.path, API.ready, API.body, API.scores, items=("/items", lambda texts: {"items": list(texts)})
        )
        Server(0, heard.port, learning).learn(["a"])
    assert heard.requests == [("PUT", "/items", {"items": ["a"]})]


def test_a_server_is_started_and_ended(tmp_path: Path) -> None:
    with server(["-m", "loadtests.benchmarks.hello"], API, place_in(tmp_path)) as running:
        assert Path(f"/proc/{running.pid}").exists()
    assert not Path(f"/proc/{running.pid}").exists()


def test_a_server_that_ends_before_it_is_ready_is_reported(tmp_path: Path) -> None:
    broken = ["-c", "raise SystemExit('no model in that folder')"]
    with (
        pytest.raises(PeerError, match="ended before it was ready; it said last: no model in that folder"),
        server(broken, API, place_in(tmp_path)),
    ):
        pass
