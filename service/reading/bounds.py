"""How much JSON one request may hold, whatever it asks for: checked before it is parsed.

That a list is longer than this service takes is told by field once it is read (`service/limits.py`). These bounds are
on what is read at all; no request within the limits comes near them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from service.errors import ErrorDetail, RequestTooLargeError
from service.limits import MAX_EVENTS
from service.reading.shape import Shape, Widest
from service.settings import Settings

MOST_MEMBERS = 256  # of an object; 64 features are the most that is of use
_VALUES_OF_CANDIDATE, _VALUES_OF_OTHERS = 72, 8
_PATHS = {"history": "user.history", "pin": "options.pin", "exclude": "options.exclude"}


@dataclass(frozen=True)
class JsonBounds:
    """What a body may hold.

    Attributes:
        values: numbers, texts, arrays and objects, keys not counted.
        elements: of an array, by the name of the field; a field that is not among them may have as many as any.
    """

    values: int
    elements: Mapping[str, int]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What follows from the limits on requests."""
        elements = {
            "candidates": settings.max_candidates,
            "documents": settings.max_candidates,
            "pin": settings.max_candidates,
            "exclude": settings.max_candidates,
            "history": settings.max_history,
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
            most = self.elements.get(shape.array.key, longest)
            _refuse(self._named(shape.array), f"at most {most}; this has {shape.array.members}")
        if shape.object.members > MOST_MEMBERS:
            _refuse("body", f"an object has at most {MOST_MEMBERS} members; one of these has {shape.object.members}")

    def _named(self, widest: Widest) -> str:
        """A field by its name, if the name is ours: a message must not repeat what the client sent."""
        return _PATHS.get(widest.key, widest.key) if widest.key in self.elements else "body"


def _refuse(field: str, message: str) -> None:
    raise RequestTooLargeError("the request is past a limit: see details", [ErrorDetail(field=field, message=message)])
