"""The name of a request: the client's own where it is usable, else a new one."""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders, State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import REQUEST_ID_HEADER
from service.process.logs import current_request

REQUEST_ID_PATTERN = r"^[A-Za-z0-9._:\-]{1,128}$"
_usable = re.compile(REQUEST_ID_PATTERN.removesuffix("$") + r"\Z")


def rename(state: State, request_id: str) -> None:
    """Have the request and the lines of the log about it bear the id that its body says."""
    state.request_id = request_id
    current_request.set(request_id)


class RequestIdMiddleware:
    """Puts `request_id` into the request's state, and whatever stands there in the end into the answer's header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        state["request_id"] = given if _usable.match(given) else uuid.uuid4().hex

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault(REQUEST_ID_HEADER, state["request_id"])
            await send(message)

        before = current_request.set(state["request_id"])
        await self._app(scope, receive, send_named)
        current_request.reset(before)  # not where it failed: of that, the server logs the traceback behind this
