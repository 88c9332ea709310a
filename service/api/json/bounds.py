"""How much JSON one request may hold, whatever it asks for: checked before it is parsed.

`service/api/limits.py` names the field of a list that is too long once the body is parsed. These bounds are on what is
parsed at all; no request within the limits comes near them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from service.api.limits import MAX_EVENTS
from service.api.json.shape import Shape
from service.errors import ErrorDetail, RequestTooLargeError
from service.settings import Settings

MOST_MEMBERS = 256  # of an object; 64 features are the most that is of use
_VALUES_OF_CANDIDATE, _VALUES_OF_OTHERS = 72, 8


@dataclass(frozen=True)
class JsonBounds:
    """What a body may hold.

    Attributes:
        values: numbers, texts, arrays and objects, keys not counted.
        elements: of an array, by the path of the field; a field that is not among them may have as many as any.
    """

    values: int
    elements: Mapping[str, int]

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Those fields' paths by their names, which are all that is known of a body that is not parsed yet."""
        return {path.rpartition(".")[2]: path for path in self.elements}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What follows from the limits on requests."""
        elements = {
            "candidates": settings.max_candidates,
            "documents": settings.max_candidates,
            "options.pin": settings.max_candidates,
            "options.exclude": settings.max_candidates,
            "user.history": settings.max_history,
            "items": settings.max_items,
            "input": settings.max_items,
            "inputs": settings.max_items,
            "events": MAX_EVENTS,
        }
        others = 2 * settings.max_candidates + settings.max_history + settings.max_items + MAX_EVENTS
        return cls(_VALUES_OF_CANDIDATE * settings.max_candidates + _VALUES_OF_OTHERS * others, elements)

    def check(self, shape: Shape) -> None:
        """Refuse a body that holds more.

        Raises:
            RequestTooLargeError: with a detail that says of what.
        """
        if shape.values > self.values:
            _refuse("body", f"at most {self.values} values; this has {shape.values}")
        longest = max(self.elements.values())
        if shape.array.members > longest:
            # Only a name that is ours is told: a message must not repeat what the client sent.
            path = self.paths.get(shape.array.key, "body")
            _refuse(path, f"at most {self.elements.get(path, longest)}; this has {shape.array.members}")
        if shape.object.members > MOST_MEMBERS:
            _refuse("body", f"an object has at most {MOST_MEMBERS} members; one of these has {shape.object.members}")


def _refuse(field: str, message: str) -> None:
    raise RequestTooLargeError("the request is past a limit: see details", [ErrorDetail(field=field, message=message)])
