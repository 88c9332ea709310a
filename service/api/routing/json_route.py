"""JSON in, JSON out, each parsed and serialised once.

FastAPI parses a body into Python objects, validates those, and does the reverse on the way back, partly on another
thread. For a hundred candidates that takes longer than ranking them. Here pydantic reads and writes the bytes; the
documentation at `/docs` is still derived from the endpoint's signature.
"""

import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import cached_property
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from service.api.dependencies import get_container, state_of
from service.api.json.reader import JsonReader
from service.api.json.writer import JsonResponse, JsonWriter
from service.api.limits import TRUNCATED_HEADER, UNREADABLE_HEADER
from service.errors import ErrorBody, UnsupportedMediaTypeError
from service.process.yielding import TimeSlice

# Errors of every route that does work.
ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (400, 413, 415, 422, 429, 504)}


class JsonRoute(APIRoute):
    """A route whose endpoint is `async def (body: SomeModel, request: Request) -> SomeAnswer`; its path is fixed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """For FastAPI's router."""
        return self.answer

    @cached_property
    def answer(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of a request; its caller turns an `ApiError` into an answer."""
        assert self.body_field is not None  # noqa: S101 (the class is for routes with one)
        body_type: type[BaseModel] = self.body_field.field_info.annotation  # type: ignore[assignment]
        reader, writer = JsonReader(body_type), JsonWriter(self.response_model)
        endpoint = self.endpoint
        status = self.status_code or 200

        async def handle(request: Request) -> Response:
            started, time_slice = time.perf_counter(), TimeSlice()
            _require_json(request)
            container, state = get_container(request), state_of(request)
            body = await reader.read(await request.body(), container.json_bounds)
            await time_slice.checkpoint()
            was_read = time.perf_counter()
            with container.models.lease() as runtime:
                state.runtime = runtime
                answer = await endpoint(body=body, request=request)
            answered = time.perf_counter()
            content = await writer.write(answer)
            stages = {
                "read": was_read - started,
                "answer": answered - was_read,
                "write": time.perf_counter() - answered,
            }
            headers = {"Server-Timing": server_timing(stages | state.stages)}
            if state.truncated_texts:
                headers[TRUNCATED_HEADER] = str(state.truncated_texts)
            if state.unreadable_texts:
                headers[UNREADABLE_HEADER] = str(state.unreadable_texts)
            return JsonResponse(content, status, headers)

        return handle


def json_routes(routers: Iterable[APIRouter]) -> dict[tuple[str, str], JsonRoute]:
    """All JSON routes by method and path: those that read a body."""
    return {
        (method, route.path): route
        for router in routers
        for route in router.routes
        if isinstance(route, JsonRoute)
        for method in route.methods or ()
    }


def server_timing(stages: Mapping[str, float]) -> str:
    """The header `Server-Timing` (W3C): seconds by stage, as milliseconds."""
    return ", ".join([f"{name};dur={seconds * 1000:.3f}" for name, seconds in stages.items()])


def _require_json(request: Request) -> None:
    """Refuse a body that is not declared as JSON; the error would otherwise be about missing fields."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaTypeError("send the body as JSON, with the header Content-Type: application/json")
