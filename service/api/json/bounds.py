"""Upper bounds on the JSON of one request, whatever it asks for; checked before it is parsed.

`service/api/limits.py` reports by field once the body is parsed. These bounds are on what is parsed at all; no request
within the limits comes near them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from service.api.json.shape import Shape
from service.api.limits import MAX_EVENTS, max_elements
from service.errors import ErrorDetail, RequestTooLargeError
from service.settings import Settings

MAX_MEMBERS = 256  # of an object; 64 features are the most that is of use
_VALUES_OF_CANDIDATE, _VALUES_OF_OTHERS = 72, 8


@dataclass(frozen=True)
class JsonBounds:
    """Upper bounds on a body.

    Attributes:
        values: numbers, texts, arrays and objects, keys not counted.
        elements: of an array, by the path of the field; other fields may have as many as any of these.
    """

    values: int
    elements: Mapping[str, int]

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The paths of `elements` by field name, which is all that is known before a body is parsed."""
        return {path.rpartition(".")[2]: path for path in self.elements}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The bounds that follow from the limits on requests."""
        others = 2 * settings.max_candidates + settings.max_history + settings.max_items + MAX_EVENTS
        values = _VALUES_OF_CANDIDATE * settings.max_candidates + _VALUES_OF_OTHERS * others
        return cls(values, max_elements(settings))

    def check(self, shape: Shape) -> None:
        """Check a body before it is parsed.

        Raises:
            RequestTooLargeError: with a detail that says what it has too many of.
        """
        if shape.values > self.values:
            _refuse("body", f"at most {self.values} values; this has {shape.values}")
        longest = max(self.elements.values())
        if shape.array.members > longest:
            # Only names of our own fields may appear: a message must not repeat what the client sent.
            path = self.paths.get(shape.array.key, "body")
            _refuse(path, f"at most {self.elements.get(path, longest)}; this has {shape.array.members}")
        if shape.object.members > MAX_MEMBERS:
            _refuse("body", f"an object has at most {MAX_MEMBERS} members; one of these has {shape.object.members}")


def _refuse(field: str, message: str) -> None:
    raise RequestTooLargeError("the request exceeds a limit: see details", [ErrorDetail(field=field, message=message)])
