"""A request's body as what its route takes, in bounded time whatever the body holds.

pydantic tells of everything that is wrong. Of a small body that is what its author wants; of a large one it could be a
million errors. So a large body is read by a second validator of the same schema, which leaves a list at its first wrong
element.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator

from service.errors import InvalidJsonError, InvalidRequestError
from service.reading.bounds import JsonBounds
from service.reading.shape import most_values, shape_of

_FEW_VALUES = 1000
_LONG_DIGITS = 20
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Body = TypeVar("Body", bound=BaseModel)


class JsonReader(Generic[Body]):
    """Reads the bodies of one route."""

    def __init__(self, body_type: type[Body]) -> None:
        schema = body_type.__pydantic_core_schema__
        self._thorough = SchemaValidator(schema)
        # Else pydantic takes the validators that the models within have already, which are thorough ones.
        self._brief = SchemaValidator(_leaving_at_first(schema), _use_prebuilt=False)

    def read(self, body: bytes, bounds: JsonBounds) -> Body:
        """The body, validated.

        Raises:
            RequestTooLargeError: it holds more than one request may.
            InvalidJsonError: it is not JSON.
            InvalidRequestError: something of it is wrong.
        """
        validator = self._thorough
        if most_values(body) > _FEW_VALUES:
            shape = shape_of(body, bounds.values)
            bounds.check(shape)
            if shape.values > _FEW_VALUES:
                validator = self._brief
        try:
            return cast("Body", validator.validate_json(body))
        except ValidationError as error:
            errors = _errors(error)
        # The exception is let go of before the next is raised: its traceback holds this frame, and with it the body.
        if _SURROGATE.search(body):
            try:
                return cast("Body", validator.validate_json(_without_lone_surrogates(body)))
            except ValidationError as error:
                errors = _errors(error)
            except (ValueError, RecursionError):
                pass  # what is wrong was not the surrogates
        if any(one["type"] == "json_invalid" for one in errors):
            raise InvalidJsonError
        raise InvalidRequestError([(one["loc"], one["msg"]) for one in errors], all_told=validator is self._thorough)


def _errors(error: ValidationError) -> Sequence[ErrorDetails]:
    return error.errors(include_url=False, include_context=False, include_input=False)


def _leaving_at_first(schema: CoreSchema) -> CoreSchema:
    """The same schema, but that a list is left at its first wrong element."""

    def changed(part: Any) -> Any:  # noqa: ANN401 (a schema is made of dictionaries and lists of all kinds)
        if isinstance(part, list):
            return [changed(one) for one in part]
        if not isinstance(part, dict):
            return part
        same = {name: changed(one) for name, one in part.items()}
        return {**same, "fail_fast": True} if part.get("type") == "list" else same

    made: CoreSchema = changed(schema)
    return made


def _without_lone_surrogates(body: bytes) -> bytes:
    """JSON with a question mark for each half of a pair that came alone: a client has cut a text inside an emoji."""
    found = json.loads(body, parse_int=_number)
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _number(digits: str) -> int | float:
    """Of many digits, one about as large: Python takes the square of their number to read them all."""
    return int(digits) if len(digits) < _LONG_DIGITS else float(digits)
