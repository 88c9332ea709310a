"""Messages between a supervisor and its workers, one JSON document each."""

import json
from dataclasses import asdict, dataclass
from typing import Literal, Self

Kind = Literal[
    # From a worker:
    "started",  # it has a model that answers
    "ready",  # it has all items, too
    "requested",  # a client wants another model to serve
    "prepared",  # it could serve that model from now on
    "refused",  # it can't
    "committed",  # it serves that model
    "pong",  # it is alive
    # From the supervisor:
    "accept",  # accept connections
    "complete",  # all workers have become ready
    "prepare",  # prepare to serve that model
    "commit",  # serve the prepared model
    "abandon",  # discard the prepared model
    "swapped",  # the requested swap is done
    "not_swapped",  # the requested swap is not done
    "ping",  # are you alive?
    "stop",  # finish requests in progress, and exit
]


@dataclass(frozen=True)
class Message:
    """A message; its kind decides which of the other fields are used.

    Attributes:
        number: of a swap by the supervisor's count; of a request by the count of the worker that made it.
        folder: of a model; None: the one that the settings name.
        fingerprint: equal for two workers that have prepared the same.
        counts: whether this worker is the one that counts a swap.
    """

    kind: Kind
    number: int = 0
    folder: str | None = None
    label: str = ""
    revision: str = ""
    fingerprint: str = ""
    counts: bool = False

    def to_bytes(self) -> bytes:
        """Serialise it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, document: bytes) -> Self:
        """Parse what `to_bytes` made."""
        return cls(**json.loads(document))
