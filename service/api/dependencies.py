"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Request

from service.admission.deadline import Deadline, header_ms
from service.api.container import Container
from service.models.readiness import Readiness
from service.models.runtime import Serving
from service.security.api_keys import Principal


def get_container(request: Request) -> Container:
    """The parts of the app that answers this request."""
    container: Container = request.app.state.container
    return container


def deadline_of(request: Request, asked_ms: int | None = None) -> Deadline:
    """When the answer is due: the soonest of what the body asks, what the header asks and what the settings say.

    Raises:
        InvalidHeaderError: the header is not one.
    """
    state, settings = request.state, get_container(request).settings
    return Deadline.after(asked_ms, header_ms(request.headers), settings.deadline_ms, since=state.arrived)


def serving_of(request: Request) -> Serving:
    """What answers this request; it stays the same until the request is answered."""
    serving: Serving = request.state.serving
    return serving


def principal_of(request: Request) -> str | None:
    """What the API key of this request is called; None where none is asked for."""
    principal: Principal | None = getattr(request.state, "principal", None)
    return None if principal is None else principal.name


ContainerDep = Annotated[Container, Depends(get_container)]


def _readiness(container: ContainerDep) -> Readiness:
    return container.readiness


ReadinessDep = Annotated[Readiness, Depends(_readiness)]
