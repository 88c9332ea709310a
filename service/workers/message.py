"""What a supervisor and its workers tell each other: a JSON document each."""

import json
from dataclasses import asdict, dataclass
from typing import Literal, Self

Kind = Literal[
    # A worker tells its supervisor:
    "started",  # it has a model that answers
    "ready",  # it holds the catalogue, too
    "asked",  # somebody wants another model to serve
    "prepared",  # it could serve that model from now on
    "refused",  # it can't
    "committed",  # it serves that model
    "pong",  # it is alive
    # A supervisor tells a worker:
    "accept",  # take connections
    "complete",  # all workers have become ready
    "prepare",  # get ready to serve that model
    "commit",  # serve what you have prepared
    "abandon",  # forget what you have prepared
    "swapped",  # what you asked for is done
    "not_swapped",  # what you asked for is not done
    "ping",  # are you alive?
    "stop",  # finish what is in work, and end
]


@dataclass(frozen=True)
class Message:
    """What one tells the other.

    Attributes:
        kind: which of the fields below mean something.
        number: of a swap as the supervisor counts them; of a question as the worker that asks does.
        folder: of a model; None: the one that the settings name.
        label: of a model, as people are told it.
        revision: of a model.
        fingerprint: the same in two workers if they have prepared the same.
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
        """The document."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, document: bytes) -> Self:
        """What a document of `to_bytes` says."""
        return cls(**json.loads(document))
