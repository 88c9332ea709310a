"""Peers to be measured without an installation: a worker that counts words, a server that answers what it is told."""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from loadtests.peers.library import library
from loadtests.peers.peer import ROOT, Asked, Label, Models, Place, Running, Weights

WORD_COUNTER = "tests.loadtests.peers.word_counter"


def place_in(folder: Path, *, models: Models | None = None, core: int | None = None) -> Place:
    """A place for this process's Python."""
    return Place(
        python=Path(sys.executable),
        packages=folder,
        models=models or {},
        scratch=folder,
        log=folder / "log.txt",
        core=core,
    )


@dataclass(frozen=True)
class WordCounter:
    """A peer whose score is the number of the query's words in a text."""

    title: str = "word counter"
    system: str = "counter"
    arguments: Sequence[str] = ()
    weights: Weights | None = None
    environment: str | None = None
    remembers: bool = False

    @property
    def label(self) -> Label:
        return Label(self.system, self.title, "none", Asked.CALL)

    def files(self, _: Place) -> Sequence[Path]:
        return [ROOT / "LICENSE"]

    def start(self, place: Place) -> AbstractContextManager[Running]:
        return library(WORD_COUNTER, self.arguments, place)


@dataclass
class Heard:
    """The requests that a fake server was sent: method, path and JSON of each."""

    port: int
    requests: list[tuple[str, str, Any]] = field(default_factory=list)


@contextmanager
def answering(respond: Callable[[str, Any], tuple[int, Any]]) -> Iterator[Heard]:
    """A server on 127.0.0.1 that answers each request by its path and JSON: a status, and JSON or bytes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.requests.append((self.command, self.path, body))
            status, content = respond(self.path, body)
            sent = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_POST = do_PUT = _answer  # noqa: N815 (the standard library's names)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        heard = Heard(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()
