"""A serving process, against clients that are slow, greedy, old, odd or gone."""

import gzip
import http.client
import json
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from loadtests.harness.processes import Serving, free_port
from service.security.api_keys import new_key
from tests.service.artifacts import build_artifact
from tests.service.http.wire import BODY, GET, connected, post, read_answer, read_to_end, told
from tests.service.processes import serving

CONNECTIONS = 16
LIMITS = {
    "EDGE_RANK_MAX_CONNECTIONS": str(CONNECTIONS),
    "EDGE_RANK_HEADER_TIMEOUT_S": "1",
    "EDGE_RANK_BODY_TIMEOUT_S": "1",
    "EDGE_RANK_SEND_TIMEOUT_S": "1",
    "EDGE_RANK_KEEP_ALIVE_S": "2",
    "EDGE_RANK_MAX_BODY_BYTES": str(256 * 1024),
}
MEGABYTE = 1024 * 1024
CHUNKED = post("Transfer-Encoding: chunked", length=None)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_artifact(tmp_path_factory.mktemp("model")).folder


@pytest.fixture(scope="module")
def service(model: Path) -> Iterator[Serving]:
    """With times and limits that a test can wait for."""
    log: list[str] = []
    with serving("--model", model, environment=LIMITS, log=log) as running:
        yield running
    assert "ERROR" not in log[0]
    assert "WARNING" not in log[0]


def metric(service: Serving, series: str) -> float:
    lines = httpx.get(f"{service.url}/metrics", timeout=30).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"edge_rank_{series}"))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ([GET], 200),
        ([b"\r\n\r\n", GET], 200),
        ([bytes([byte]) for byte in GET], 200),
        ([b"GET http://elsewhere/livez HTTP/1.1\r\nHost: x\r\n\r\n"], 200),
        ([post() + BODY], 200),
        ([post(), BODY], 200),
        ([post() + BODY[:9], BODY[9:20], BODY[20:]], 200),
        (
            [
                CHUNKED,
                b"5\r\n" + BODY[:5] + b"\r\n3",
                b"e\r\n" + BODY[5:] + b"\r\n0\r\n\r\n",
            ],
            200,
        ),
        ([CHUNKED, b"zz\r\n"], 400),
        ([CHUNKED, b"ffffffffffffffffff\r\n"], 400),
        ([post("Transfer-Encoding: gzip, chunked", length=None)], 501),
        ([post("Content-Length: 1")], 400),
        ([post(length=10**30)], 400),
        ([post(length=2**62)], 413),
        ([post("Expect: 100-continue", length=10**9)], 413),
        ([post("Expect: 100-continue", path="/nowhere")], 404),
        ([post("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk") + BODY], 200),
        ([post("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"), BODY], 200),
        ([b"GET /v1/rank HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"], 403),
        ([b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n"], 405),
        ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], 400),
        ([bytes.fromhex("16030100c8010000c40303")], 400),
        ([b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"], 400),
        ([b"GET /livez HTTP/1.1\r\nX: a\0b\r\n\r\n"], 400),
        ([b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"], 404),
        ([b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"], 414),
        ([b"GET /" + b"a" * MEGABYTE], 414),
        ([b"GET /livez HTTP/1.1\r\nX: " + b"a" * 60_000 + b"\r\n\r\n"], 200),
        ([b"GET /livez HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"], 431),
        ([b"GET /livez HTTP/1.1\r\nX: " + b"a" * MEGABYTE], 431),
        ([b"GET /livez HTTP/1.1\r\n" + b"a: b\r\n" * 90 + b"\r\n"], 200),
        ([b"GET /livez HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n"], 431),
        ([CHUNKED + b"1;" + b"a" * MEGABYTE], 431),
        ([CHUNKED + b"0\r\n" + b"a: b\r\n" * 20_000], 431),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_is_answered(service: Serving, sent: list[bytes], status: int) -> None:
    assert told(service, *sent) == status


def test_a_refusal_has_the_shape_of_errors_and_ends_the_connection(service: Serving) -> None:
    with connected(service.port) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        status, headers, body = read_answer(connection)
        error = json.loads(body)["error"]
        assert (status, error["code"], headers["connection"]) == (400, "bad_request", "close")
        assert error["request_id"] == headers["x-request-id"]
        assert connection.recv(1) == b""


def test_100_is_sent_for_a_head_that_is_acceptable(service: Serving) -> None:
    with connected(service.port) as connection:
        connection.sendall(post("Expect: 100-continue"))
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert read_answer(connection)[0] == 200


def test_pipelined_requests_are_answered_in_their_order(service: Serving) -> None:
    numbered = [b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-ID: r-%d\r\n\r\n" % number for number in range(200)]
    with connected(service.port) as connection:
        connection.sendall(b"".join([*numbered, post("X-Request-ID: last", "Connection: close"), BODY, GET]))
        ids = [line.split()[1] for line in read_to_end(connection).split(b"\r\n") if line.startswith(b"x-request-id")]
    assert ids == [*(b"r-%d" % number for number in range(200)), b"last"]


def test_requests_behind_a_chunked_one_are_answered(service: Serving) -> None:
    chunked = CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    with connected(service.port) as connection:
        connection.sendall((chunked + GET) * 50 + b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert read_to_end(connection).count(b"HTTP/1.1 200 OK") == 101


def test_a_flood_of_pipelined_requests_takes_no_memory(service: Serving) -> None:
    before = service.resident_megabytes
    with connected(service.port, timeout_s=2) as connection, suppress(TimeoutError, ConnectionError):
        for _ in range(1000):
            connection.sendall(GET * 10_000)
    assert service.resident_megabytes < before + 30
    assert httpx.get(f"{service.url}/livez", timeout=30).status_code == 200


def test_a_half_sent_head_is_reported_and_closed(service: Serving) -> None:
    before = metric(service, 'refused_requests_total{reason="timeout"}')
    with connected(service.port) as connection:
        connection.sendall(GET[:-2])
        began = time.monotonic()
        assert read_answer(connection)[0] == 408
        assert connection.recv(1) == b""
    assert 0.5 < time.monotonic() - began < 15
    assert metric(service, 'refused_requests_total{reason="timeout"}') == before + 1


def test_a_half_sent_body_is_reported_and_closed_and_not_counted_as_time(service: Serving) -> None:
    seconds = metric(service, 'request_seconds_sum{route="unmatched"}')
    with connected(service.port) as connection:
        connection.sendall(post() + BODY[:10])
        status, headers, body = read_answer(connection)
        assert (status, headers["connection"]) == (408, "close")
        assert json.loads(body)["error"]["code"] == "request_timeout"
        assert connection.recv(1) == b""
    assert metric(service, 'request_seconds_sum{route="unmatched"}') < seconds + 0.5


def test_a_connection_without_a_request_is_closed_silently(service: Serving) -> None:
    with connected(service.port) as silent, connected(service.port) as kept:
        kept.sendall(GET)
        assert read_answer(kept)[0] == 200
        assert silent.recv(1) == b""
        assert kept.recv(1) == b""


def test_an_idle_connection_is_kept_for_as_long_as_the_setting_says(service: Serving) -> None:
    with connected(service.port) as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert read_answer(connection)[0] == 200
            time.sleep(0.8)  # 2 s are allowed, each time


@pytest.mark.parametrize(("first", "rest"), [(b"", GET), (GET[:20], GET[20:])])
def test_what_comes_while_the_process_is_held_up_has_come_in_time(service: Serving, first: bytes, rest: bytes) -> None:
    with connected(service.port) as connection:
        connection.sendall(first)
        time.sleep(0.3)
        os.kill(service.pid, signal.SIGSTOP)
        time.sleep(2.5)  # longer than one may be idle, or take for a head
        connection.sendall(rest)
        os.kill(service.pid, signal.SIGCONT)
        assert read_answer(connection)[0] == 200


def test_who_takes_nothing_of_an_answer_is_dropped(model: Path) -> None:
    with serving("--demo", "--model", model, environment=LIMITS) as service, connected(service.port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        catalogue = b"GET /v1/catalogue HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.sendall(catalogue * 200)
        began = time.monotonic()
        while metric(service, 'refused_requests_total{reason="timeout"}') == 0:
            assert time.monotonic() - began < 20
            time.sleep(0.1)
        assert metric(service, "connections ") == 1  # that which asks


@pytest.mark.parametrize("sent", [b"", GET[:20], post(), post() + BODY[:10]])
def test_who_opens_many_connections_locks_out_nobody(service: Serving, sent: bytes) -> None:
    opened = []
    try:
        for _ in range(3 * CONNECTIONS):
            opened.append(socket.create_connection(("127.0.0.1", service.port), timeout=10))
            opened[-1].sendall(sent)
            if len(opened) % 8 == 0:
                assert told(service, post() + BODY) == 200
                assert httpx.get(f"{service.url}/readyz", timeout=30).status_code == 200
    finally:
        for one in opened:
            one.close()


def test_a_refusal_reaches_a_client_that_is_still_sending(service: Serving) -> None:
    for size in (MEGABYTE, 20 * MEGABYTE):
        request = urllib.request.Request(f"{service.url}/v1/rank", b" " * size, {"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=20)
        assert caught.value.code == 413
        assert json.loads(caught.value.read())["error"]["code"] == "request_too_large"
        pieces = (b" " * 65536 for _ in range(size // 65536))
        client = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
        client.request("POST", "/v1/rank", pieces, {"Content-Type": "application/json"}, encode_chunked=True)
        assert client.getresponse().status == 413
        client.close()


def test_a_body_that_is_cut_off_is_no_failure_of_the_service(service: Serving) -> None:
    before = metric(service, 'requests_total{method="POST",route="unmatched",status="499"}')
    for _ in range(3):
        with connected(service.port) as connection:
            connection.sendall(post() + BODY[:10])
            time.sleep(0.1)
    time.sleep(0.3)
    assert metric(service, 'requests_total{method="POST",route="unmatched",status="499"}') == before + 3
    assert metric(service, 'requests_total{method="POST",route="unmatched",status="500"}') == 0
    assert metric(service, "requests_in_flight") == 1  # that which asks


def test_bodies_that_no_route_reads_are_not_kept(service: Serving) -> None:
    before = service.resident_megabytes
    with connected(service.port) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n")
        assert read_answer(connection)[0] == 200
        for _ in range(39):
            connection.sendall(b"x" * 1_000_000)
    assert service.resident_megabytes < before + 20


def test_compressed_bodies_are_read(service: Serving) -> None:
    for coding, content, status in (
        ("gzip", gzip.compress(BODY), 200),
        ("identity", BODY, 200),
        ("gzip", gzip.compress(b" " * 50 * MEGABYTE), 413),
        ("gzip", BODY, 400),
        ("br", BODY, 415),
    ):
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        answer = httpx.post(f"{service.url}/v1/rank", content=content, headers=headers, timeout=30)
        assert answer.status_code == status, answer.text
        assert answer.headers.get("accept-encoding") == ("gzip" if status == 415 else None)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/v1/info", "/v1/catalogue", "/v1/model/"])
def test_a_head_is_answered_without_a_body(service: Serving, path: str) -> None:
    with connected(service.port) as connection:
        connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b""


def test_keys_are_asked_for_before_a_body_is(model: Path, tmp_path: Path) -> None:
    key, digest = new_key()
    (tmp_path / "keys.toml").write_text(f'[keys.one]\nsha256 = "{digest}"\n')
    environment = {**LIMITS, "EDGE_RANK_API_KEYS_FILE": str(tmp_path / "keys.toml")}
    with serving("--model", model, environment=environment) as service:
        before = service.resident_megabytes
        held = []
        for _ in range(40):
            held.append(socket.create_connection(("127.0.0.1", service.port), timeout=10))
            held[-1].sendall(post(length=200_000) + b" " * 1000)
        assert told(service, post("Expect: 100-continue")) == 401
        assert told(service, post(f"Authorization: Bearer {key}") + BODY) == 200
        assert service.resident_megabytes < before + 10
        for one in held:
            one.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_probes_have_a_port_of_their_own_if_asked(model: Path, workers: int) -> None:
    port = free_port()
    environment = {"EDGE_RANK_PROBE_PORT": str(port)}
    with serving("--model", model, "--workers", workers, environment=environment) as service:
        probes = f"http://127.0.0.1:{port}"
        statuses = {
            path: (
                httpx.get(f"{service.url}{path}", timeout=30).status_code,
                httpx.get(f"{probes}{path}", timeout=30).status_code,
            )
            for path in ("/livez", "/readyz", "/metrics", "/v1/info", "/v1/model/")
        }
        assert httpx.post(f"{probes}/v1/rank", json={"candidates": []}, timeout=30).status_code == 404
        assert httpx.post(f"{service.url}/v1/rank", json={"candidates": []}, timeout=30).status_code == 200
    assert statuses == {
        "/livez": (200, 200),
        "/readyz": (200, 200),
        "/metrics": (404, 200),
        "/v1/info": (200, 404),
        "/v1/model/": (200, 404),
    }


def test_probes_are_answered_whatever_fills_the_other_port(model: Path) -> None:
    port = free_port()
    environment = {**LIMITS, "EDGE_RANK_PROBE_PORT": str(port), "EDGE_RANK_BODY_TIMEOUT_S": "30"}
    with serving("--model", model, environment=environment) as service:
        opened = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(CONNECTIONS)]
        for one in opened:
            one.sendall(post())
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200
        assert "edge_rank_connections" in httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
        for one in opened:
            one.close()


def test_a_client_that_leaves_takes_its_work_along(service: Serving) -> None:
    """Few texts are embedded for clients that disconnect at once."""
    long = "to the train station and back " * 30
    asked = [{"id": str(number), "text": f"taxi ride number {number} {long}"} for number in range(200)]
    body = json.dumps({"candidates": asked}).encode()
    before = metric(service, "encoded_texts_total")

    def leave() -> None:
        with connected(service.port) as connection:
            connection.sendall(post(length=len(body)) + body)

    leaving = [threading.Thread(target=leave) for _ in range(3)]
    for one in leaving:
        one.start()
    for one in leaving:
        one.join()
    time.sleep(1)
    assert metric(service, "encoded_texts_total") < before + 200
    assert metric(service, "queue_tokens") == 0
