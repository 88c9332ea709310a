"""JSON in, JSON out, each read and written once.

FastAPI parses a body into Python objects, validates those, and does the like on the way back, partly on another thread.
For a hundred candidates that takes longer than ranking them. Here pydantic reads the bytes and writes them; what the
documentation at `/docs` says is still derived from the endpoint's signature.
"""

import time
from collections.abc import Callable, Coroutine, Mapping
from functools import cached_property
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from service.api.dependencies import get_components
from service.api.limits import TRUNCATED_HEADER, UNREADABLE_HEADER
from service.api.reading.reader import JsonReader
from service.api.routes.writing import JsonResponse, Writer
from service.errors import ErrorBody, UnsupportedMediaTypeError
from service.process.yielding import Pace

# What a route that does work may answer with beside its success.
ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (400, 413, 415, 422, 429, 504)}


class JsonRoute(APIRoute):
    """A route whose endpoint is `async def (body: SomeModel, request: Request) -> SomeAnswer`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """For FastAPI's router."""
        return self.answer

    @cached_property
    def answer(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request; an `ApiError` is for its caller to tell."""
        assert self.body_field is not None  # noqa: S101 (the class is for routes with one)
        body_type: type[BaseModel] = self.body_field.field_info.annotation  # type: ignore[assignment]
        reader, writer = JsonReader(body_type), Writer(self.response_model)
        endpoint = self.endpoint
        status = self.status_code or 200

        async def handle(request: Request) -> Response:
            started, pace = time.perf_counter(), Pace()
            _require_json(request)
            components = get_components(request)
            body = await reader.read(await request.body(), components.json_bounds)
            await pace.turn()
            was_read = time.perf_counter()
            with components.models.lease() as runtime:
                request.state.runtime = runtime
                answer = await endpoint(body=body, request=request)
            answered = time.perf_counter()
            content = await writer.write(answer)
            stages = {
                "read": was_read - started,
                "answer": answered - was_read,
                "write": time.perf_counter() - answered,
            }
            headers = {"Server-Timing": server_timing(stages | getattr(request.state, "stages", {}))}
            for name, header in (("truncated_texts", TRUNCATED_HEADER), ("unreadable_texts", UNREADABLE_HEADER)):
                if count := getattr(request.state, name, 0):
                    headers[header] = str(count)
            return JsonResponse(content, status, headers)

        return handle


def server_timing(stages: Mapping[str, float]) -> str:
    """The header `Server-Timing` (W3C): stages by name, their seconds as milliseconds."""
    return ", ".join([f"{name};dur={seconds * 1000:.3f}" for name, seconds in stages.items()])


def _require_json(request: Request) -> None:
    """Refuse a body that is not declared as JSON: the error would be about missing fields.

    Raises:
        UnsupportedMediaTypeError: the content type is another, or none.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaTypeError("send the body as JSON, with the header Content-Type: application/json")
