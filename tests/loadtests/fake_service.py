"""A stand-in for the service that answers at once, or refuses, is late or stalls for a while, as its arguments say."""

import argparse
import asyncio
import json
import time

import uvicorn
from starlette.types import Receive, Scope, Send

_RESULT = '{"index":0}'


class FakeService:
    """Counts what it was asked.

    `GET /seen` tells the attempts of each body, and when they came; `GET /deadlines` what they said their deadline is.
    """

    def __init__(self, refuse_first: int, late_first: int, retry_after_s: int, stall: tuple[float, float]) -> None:
        self._refuse_first, self._late_first = refuse_first, late_first
        self._retry_after_s, self._stall = retry_after_s, stall
        self._deadlines: set[str] = set()
        self._first_at: float | None = None
        self._seen: dict[bytes, list[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body_of(receive)
        if scope["method"] == "GET":
            told = sorted(self._deadlines) if scope["path"] == "/deadlines" else self._told()
            await _answer(send, 200, json.dumps(told).encode())
            return
        self._deadlines.add(dict(scope["headers"]).get(b"x-request-deadline-ms", b"none").decode())
        now = time.perf_counter()
        self._first_at = now if self._first_at is None else self._first_at
        attempts = self._seen.setdefault(body, [])
        attempts.append(now - self._first_at)
        start, length = self._stall
        if start <= now - self._first_at < start + length:
            # All of it stalls, as a process does that collects garbage.
            time.sleep(start + length - (now - self._first_at))  # noqa: ASYNC251
        if len(attempts) <= self._refuse_first:
            await _answer(send, 429, b"{}", [(b"retry-after", str(self._retry_after_s).encode())])
            return
        if len(attempts) <= self._late_first:
            await _answer(send, 504, b"{}")
            return
        results = ",".join([_RESULT] * body.count(b'"score":'))
        await _answer(send, 200, f'{{"results":[{results}],"degraded":[]}}'.encode())

    def _told(self) -> dict[str, list[float]]:
        return {body.decode(): attempts for body, attempts in self._seen.items()}


async def _body_of(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    every = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--refuse-first", type=int, default=0, help="attempts of each request")
    parser.add_argument("--late-first", type=int, default=0, help="attempts of each request")
    parser.add_argument("--retry-after", type=int, default=1)
    parser.add_argument("--stall", type=float, nargs=2, default=(0.0, 0.0), help="from when, and for how long")
    arguments = parser.parse_args()
    app = FakeService(arguments.refuse_first, arguments.late_first, arguments.retry_after, tuple(arguments.stall))
    asyncio.run(
        uvicorn.Server(
            uvicorn.Config(app, port=arguments.port, access_log=False, log_level="warning", lifespan="off")
        ).serve()
    )


if __name__ == "__main__":
    main()
