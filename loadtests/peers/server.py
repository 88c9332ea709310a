"""Peers that are servers, called over HTTP on 127.0.0.1, sequentially for latencies and concurrently for a rate."""

import asyncio
import http.client
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.harness.closed_loop import LoadResult, post, run_load
from loadtests.harness.processes import free_port
from loadtests.peers.peer import ROOT, PeerError, Place, Request
from loadtests.peers.process import last_words, process

CONNECTIONS = 4
_READY_S, _ANSWER_S = 300.0, 300.0
_POLL_S = 0.02
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Api:
    """A server's protocol.

    Attributes:
        path: of the endpoint.
        ready: path that answers 200 once the server is ready.
        body: makes the body of a request.
        scores: reads the answer to a request with a number of texts; raises KeyError, IndexError or TypeError if it is
            invalid.
        items: path and body of an upload of texts; None for a server without a cache.
    """

    path: str
    ready: str
    body: Callable[[Request], Mapping[str, Any]]
    scores: Callable[[Any, int], Sequence[float]]
    items: tuple[str, Callable[[Sequence[str]], Mapping[str, Any]]] | None = None


class Server:
    """A running server."""

    def __init__(self, pid: int, port: int, api: Api) -> None:
        self.pid = pid
        self._port, self._api = port, api

    def rank(self, request: Request) -> Sequence[float]:
        """Score each text."""
        answer = self._send("POST", self._api.path, self._api.body(request))
        try:
            return self._api.scores(answer, len(request.texts))
        except (KeyError, IndexError, TypeError):
            raise PeerError(f"{self._api.path} answered without a score for every text") from None

    def latencies_s(self, requests: Sequence[Request]) -> Sequence[float]:
        """Seconds of each request over one connection, from its first byte sent to its last byte received."""
        return self._load(requests, connections=1).latencies_s

    def rate(self, requests: Sequence[Request]) -> float:
        """Answers per second over several connections."""
        return self._load(requests, connections=CONNECTIONS).rate

    def learn(self, texts: Sequence[str]) -> None:
        """Upload texts."""
        if self._api.items is None:
            raise PeerError("it has nothing to remember texts in")
        path, body = self._api.items
        self._send("PUT", path, body(texts))

    def _load(self, requests: Sequence[Request], connections: int) -> LoadResult:
        sent = [post(self._api.path, json.dumps(self._api.body(request)).encode()) for request in requests]
        loading = run_load(self._port, sent, connections=connections)
        try:
            outcome = asyncio.run(asyncio.wait_for(loading, _ANSWER_S))
        except TimeoutError:
            raise PeerError(f"it did not answer {len(requests)} requests within {_ANSWER_S:.0f} s") from None
        except ConnectionError:
            raise PeerError("it closed a connection before it answered") from None
        if outcome.unanswered:
            raise PeerError(f"{outcome.unanswered} of {len(requests)} requests failed")
        return outcome

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 (any JSON)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_S)
        try:
            connection.request(method, path, json.dumps(body), _JSON)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise PeerError(f"{path} did not answer: {error}") from None
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise PeerError(f"{path} answered with status {answer.status}")
        try:
            return json.loads(content)
        except ValueError:
            raise PeerError(f"{path} answered something else than JSON") from None


@contextmanager
def server(arguments: Sequence[str | Path], api: Api, place: Place, *, folder: Path = ROOT) -> Iterator[Server]:
    """Run `python ARGUMENTS --port PORT` until the block ends; it is ready when the block begins.

    Raises:
        PeerError: it exited, or was not ready in time.
    """
    port = free_port()
    with process([*arguments, "--port", str(port)], place, folder=folder) as running:
        _wait(running, port, api.ready, place)
        yield Server(running.pid, port, api)


def _wait(running: subprocess.Popen[str], port: int, path: str, place: Place) -> None:
    give_up_at = time.perf_counter() + _READY_S
    while not _answers(port, path):
        if running.poll() is not None:
            raise PeerError(f"it ended before it was ready; {last_words(place)}")
        if time.perf_counter() > give_up_at:
            raise PeerError(f"it was not ready within {_READY_S:.0f} s; {last_words(place)}")
        time.sleep(_POLL_S)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
