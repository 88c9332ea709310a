"""The state of a request, shared by all layers that it passes through."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from service.admission.connection_history import ConnectionHistory

if TYPE_CHECKING:
    from service.models.runtime import ModelRuntime
    from service.security.api_keys import Principal

_KEY = "edge_rank"


@dataclass(slots=True)
class RequestState:
    """The state of one request, in its ASGI scope; moments are `time.perf_counter` seconds.

    Attributes:
        connection: history of the connection that the request came over.
        body_complete_s: when the protocol had read the whole body; None if it has not, or runs elsewhere.
        request_id: the client's, or a generated one.
        arrived_s: when the head was there; once the body is read, when that was complete.
        principal: the API key's holder; None where no key is needed.
        body_bytes: size of the body, decompressed.
        runtime: the model that answers; None before the body is parsed.
        stages: seconds of the endpoint's stages by name, for `Server-Timing`.
        truncated_texts: texts of which the model read only the beginning, for a header.
        unreadable_texts: texts without a known token, for a header.
        retry_after_s: the `Retry-After` of the answer, if it has one.
    """

    connection: ConnectionHistory = field(default_factory=ConnectionHistory)
    body_complete_s: float | None = None
    request_id: str = ""
    arrived_s: float = 0.0
    principal: "Principal | None" = None
    body_bytes: int = 0
    runtime: "ModelRuntime | None" = None
    stages: dict[str, float] = field(default_factory=dict)
    truncated_texts: int = 0
    unreadable_texts: int = 0
    retry_after_s: int | None = None

    def attach(self, values: MutableMapping[str, Any]) -> None:
        """Put it into the `state` of a request's scope."""
        values[_KEY] = self

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> Self:
        """The state of a request; a new one if the protocol attached none, as in tests."""
        values = scope.setdefault("state", {})
        state: Self | None = values.get(_KEY)
        if state is None:
            state = cls()
            state.attach(values)
        return state
