"""A request's body: read here as a whole, within its bounds, before anything is done for it."""

import time
from collections.abc import Container
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import (
    ApiError,
    BodyTimeoutError,
    OverloadedError,
    RequestTooLargeError,
    api_error_response,
)
from service.http.inflation import inflated, is_compressed
from service.http.uploads import COMPLETE, UploadEvictedError, Uploads
from service.metrics.registry import Metrics

_REASONS = {
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.TOO_MANY_REQUESTS: "memory",
}


class _LeftError(Exception):
    """The client has closed the connection before its body was all there."""


class BodyMiddleware:
    """Hands on requests whose bodies are there as a whole, and notes when they have `arrived`.

    The moment is in `time.perf_counter` seconds in a request's state, beside its `body_bytes`: clocks of deadlines
    begin then, and who is slow to send takes no place among those who are answered. A body is refused by its declared
    length before a byte of it is asked for; one that no route reads is not asked for at all, and not kept.
    """

    def __init__(
        self, app: ASGIApp, routes: Container[tuple[str, str]], max_bytes: int, uploads: Uploads, metrics: Metrics
    ) -> None:
        """Put the layer before an app.

        Args:
            app: what answers.
            routes: methods and paths of those who read a body.
            max_bytes: of a body, inflated.
            uploads: the bodies in memory.
            metrics: where refusals are counted.
        """
        self._app, self._routes = app, routes
        self._max_bytes, self._uploads, self._refused = max_bytes, uploads, metrics.refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["state"]
        if (scope["method"], scope["path"]) not in self._routes:
            state["arrived"] = time.perf_counter()
            await self._app(scope, _followed_by(b"", receive), send)
            return
        try:
            body = await self._body(scope, receive)
        except _LeftError:
            return
        except ApiError as error:
            state["arrived"] = time.perf_counter()
            if (reason := _REASONS.get(error.status)) is not None:
                self._refused.labels(reason).inc()
            await api_error_response(error, state["request_id"])(scope, receive, send)
            return
        state["body_bytes"] = len(body)
        try:
            await self._app(scope, _followed_by(body, receive), send)
        finally:
            self._uploads.release(len(body))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The body, inflated; `arrived` is when all of it had come.

        Raises:
            ApiError: it is refused.
            _LeftError: its client has closed the connection.
        """
        headers = Headers(scope=scope)
        compressed = is_compressed(headers.get("content-encoding", ""))
        sent = await self._read(headers, receive)
        scope["state"]["arrived"] = scope["state"].get(COMPLETE) or time.perf_counter()
        if not compressed:
            return sent
        try:
            body = await inflated(sent, self._max_bytes)
        except BaseException:  # cancelled, too
            self._uploads.release(len(sent))
            raise
        self._uploads.hold(len(body) - len(sent))
        return body

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        """The body as it came.

        Raises:
            RequestTooLargeError: it is larger than it may be.
            BodyTimeoutError: it did not come in time.
            OverloadedError: there is no room for it.
            _LeftError: its client has closed the connection.
        """
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise self._too_large()
        try:
            async with self._uploads.arriving() as upload:
                pieces = []
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _LeftError
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
            raise OverloadedError("too much is being sent at once; send faster, or later", retry_after_s=1) from None

    def _too_large(self) -> RequestTooLargeError:
        return RequestTooLargeError(f"the body is larger than {self._max_bytes} bytes; send fewer or shorter texts")


def _followed_by(body: bytes, receive: Receive) -> Receive:
    """A receive that gives a body once, then waits until the client leaves; what more it sends is not kept."""
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
