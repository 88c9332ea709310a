"""Reading request bodies: as a whole, within their limits, before any work is done for the request."""

import time
from collections.abc import Container
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.responses.errors import api_error_response
from service.errors import ApiError, BodyTimeoutError, OverloadedError, RequestTooLargeError
from service.http.inflation import inflated, is_compressed
from service.http.request_state import RequestState
from service.http.uploads import UploadEvictedError, Uploads
from service.metrics.registry import Metrics

_REASONS = {
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.TOO_MANY_REQUESTS: "memory",
}


class _DisconnectedError(Exception):
    """The client closed the connection before its body was complete."""


class BodyMiddleware:
    """Passes on requests with complete bodies; sets `arrived_s` and `body_bytes` in their state.

    Deadlines count from `arrived_s`, so a client that sends slowly takes no place among those that are answered. A body
    is refused by its declared length before a byte of it is read. Only `routes` (method and path) read a body.
    """

    def __init__(
        self, app: ASGIApp, routes: Container[tuple[str, str]], max_bytes: int, uploads: Uploads, metrics: Metrics
    ) -> None:
        self._app, self._routes = app, routes
        self._max_bytes, self._uploads, self._refused = max_bytes, uploads, metrics.refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on once its body is complete."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = RequestState.of(scope)
        if (scope["method"], scope["path"]) not in self._routes:
            state.arrived_s = time.perf_counter()
            await self._app(scope, _followed_by(b"", receive), send)
            return
        try:
            body = await self._body(Headers(scope=scope), state, receive)
        except _DisconnectedError:
            return
        except ApiError as error:
            state.arrived_s = time.perf_counter()
            if (reason := _REASONS.get(error.status)) is not None:
                self._refused.labels(reason).inc()
            await api_error_response(error, state)(scope, receive, send)
            return
        state.body_bytes = len(body)
        try:
            await self._app(scope, _followed_by(body, receive), send)
        finally:
            self._uploads.release(len(body))

    async def _body(self, headers: Headers, state: RequestState, receive: Receive) -> bytes:
        """Read a body and decompress it; sets `arrived_s` between the two."""
        compressed = is_compressed(headers.get("content-encoding", ""))
        sent = await self._read(headers, receive)
        state.arrived_s = state.body_complete_s or time.perf_counter()
        if not compressed:
            return sent
        try:
            body = await inflated(sent, self._max_bytes)
        except BaseException:  # cancellation, too
            self._uploads.release(len(sent))
            raise
        self._uploads.hold(len(body) - len(sent))
        return body

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        """Read a body as it was sent."""
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise self._too_large()
        try:
            async with self._uploads.arriving() as upload:
                pieces = []
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _DisconnectedError
                    piece = message.get("body", b"")
                    self._uploads.grow(upload, len(piece))
                    if upload.held_bytes > self._max_bytes:
                        raise self._too_large()
                    pieces.append(piece)
                    if not message.get("more_body", False):
                        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        except TimeoutError:
            raise BodyTimeoutError from None
        except UploadEvictedError:
            raise OverloadedError(
                "the service is receiving too much at once; send faster, or later", retry_after_s=1
            ) from None

    def _too_large(self) -> RequestTooLargeError:
        return RequestTooLargeError(f"the body is larger than {self._max_bytes} bytes; send fewer or shorter texts")


def _followed_by(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns a body once and then waits for the disconnect, discarding what else is sent."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return receive_again
