"""FastAPI dependencies of routes, and helpers that read a request."""

from typing import Annotated

from fastapi import Depends, Request

from service.admission.deadline import Deadline, header_ms
from service.api.container import Container
from service.http.request_state import RequestState
from service.models.runtime import ModelRuntime


def get_container(request: Request) -> Container:
    """The container of the app that answers this request."""
    container: Container = request.app.state.container
    return container


def state_of(request: Request) -> RequestState:
    """The state of this request."""
    return RequestState.of(request.scope)


def runtime_of(request: Request) -> ModelRuntime:
    """The model that answers this request; it stays the same until the request is answered."""
    runtime = state_of(request).runtime
    assert runtime is not None  # noqa: S101 -- `JsonRoute` has leased it
    return runtime


def deadline_of(request: Request, asked_ms: int | None = None) -> Deadline:
    """The earliest of the deadlines in the body, the header and the settings.

    Raises:
        InvalidHeaderError: the header is invalid.
    """
    settings = get_container(request).settings
    return Deadline.after(asked_ms, header_ms(request.headers), settings.deadline_ms, since=state_of(request).arrived_s)


ContainerDep = Annotated[Container, Depends(get_container)]
