"""The request id: the client's own where it is usable, else a generated one."""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.responses.errors import REQUEST_ID_HEADER
from service.api.schemas.base import REQUEST_ID_PATTERN
from service.http.request_state import RequestState
from service.process.logs import current_request

_usable = re.compile(REQUEST_ID_PATTERN.removesuffix("$") + r"\Z")


def set_request_id(state: RequestState, request_id: str) -> None:
    """Use the id that a request's body names, in its answer and its log lines."""
    state.request_id = request_id
    current_request.set(request_id)


class RequestIdMiddleware:
    """Sets `request_id` in the request's state, and adds whatever it is in the end to the answer's headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = RequestState.of(scope)
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        state.request_id = given if _usable.match(given) else uuid.uuid4().hex

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault(REQUEST_ID_HEADER, state.request_id)
            await send(message)

        before = current_request.set(state.request_id)
        await self._app(scope, receive, send_named)
        current_request.reset(before)  # not after a failure: the server logs the traceback after this returns
