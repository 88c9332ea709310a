"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Request

from service.admission.deadline import Deadline, header_ms
from service.api.container import Components
from service.models.readiness import Readiness
from service.models.runtime import ModelRuntime
from service.security.api_keys import Holder


def get_components(request: Request) -> Components:
    """The parts of the app that answers this request."""
    components: Components = request.app.state.components
    return components


def deadline_of(request: Request, asked_ms: int | None = None) -> Deadline:
    """When the answer is due: the soonest of what the body asks, what the header asks and what the settings say.

    Raises:
        InvalidHeaderError: the header is not one.
    """
    state, settings = request.state, get_components(request).settings
    return Deadline.after(asked_ms, header_ms(request.headers), settings.deadline_ms, since=state.arrived)


def runtime_of(request: Request) -> ModelRuntime:
    """What answers this request; it stays the same until the request is answered."""
    runtime: ModelRuntime = request.state.runtime
    return runtime


def caller_of(request: Request) -> str | None:
    """What the API key of this request is called; None where none is asked for."""
    holder: Holder | None = getattr(request.state, "holder", None)
    return None if holder is None else holder.name


ComponentsDep = Annotated[Components, Depends(get_components)]


def _readiness(components: ComponentsDep) -> Readiness:
    return components.readiness


ReadinessDep = Annotated[Readiness, Depends(_readiness)]
