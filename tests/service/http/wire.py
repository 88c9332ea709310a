"""Bytes on a connection, as clients send them that keep to no library."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from loadtests.harness.processes import Serving

BODY = b'{"query": "taxi", "candidates": [{"id": "a", "text": "taxi ride"}]}'
GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


def post(*headers: str, path: str = "/v1/rank", length: int | None = len(BODY)) -> bytes:
    """The head of a request with a JSON body of so many bytes, or of none that is told."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def connected(port: int, timeout_s: float = 20) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer of a stated length: its status, headers and body."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            raise EOFError
        read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return int(first.split()[1]), headers, body


def read_to_end(connection: socket.socket) -> bytes:
    """All that comes until the service closes the connection."""
    read = b""
    while piece := connection.recv(65536):
        read += piece
    return read


def told(service: Serving, *pieces: bytes, pause_s: float = 0.02) -> int:
    """The status of the answer to a request that comes in pieces."""
    with connected(service.port) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause_s)
        return read_answer(connection)[0]
