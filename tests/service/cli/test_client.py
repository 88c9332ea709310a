import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.api.schemas.rank import Candidate, RankRequest
from service.cli.client import ClientError, post_rank
from service.pull.connection import AddressError

REQUEST = RankRequest(query="x", candidates=[Candidate(id="a")])
ERROR = b'{"error": {"code": "c", "message": "too much", "request_id": "r"}}'


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        log_message: Callable[..., None] = lambda *_: None

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (413, ERROR, "refuses: too much"),
        (502, b"<html>", "status 502"),
        (200, b"{}", "status 200"),
    ],
)
def test_what_is_not_a_ranking_is_reported(status: int, body: bytes, message: str) -> None:
    with answering(status, body) as url, pytest.raises(ClientError, match=message):
        post_rank(url, REQUEST)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "http://x:y", "http://[::1"])
def test_what_is_not_an_address_is_reported(url: str) -> None:
    with pytest.raises(AddressError, match="is not an http"):
        post_rank(url, REQUEST)
