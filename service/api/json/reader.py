"""A request's body as what its route takes, in bounded time whatever the body holds.

pydantic tells of everything that is wrong. Of a small body that is what its author wants; of a large one it could be a
million errors. So a large body is read by a second validator of the same schema, which leaves a list at its first wrong
element.

pydantic reads a text in one go, and lets nobody else run meanwhile: one of 2 MB that is within the limits may take it
35 ms. So one that takes long is cut, and read a piece at a time.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator

from service.api.json.bounds import JsonBounds
from service.api.json.long_lists import LONG_LISTS, LongList
from service.api.json.splitting import Cut, cut_at
from service.api.json.shape import most_values, shape_of
from service.errors import InvalidJsonError, InvalidRequestError, Location
from service.process.yielding import TimeSlice

_FEW_VALUES = 1000
_LONG_DIGITS = 20
_LOOKED_OVER_HERE = 64 * 1024  # bytes; more, on a thread

# What reading takes, on a core of an AMD EPYC (Zen 4): of a value, of an escaped character, of any byte.
_VALUE_S, _ESCAPE_S, _BYTE_S = 0.4e-6, 25e-9, 1e-9
_LONG_S = 0.004
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Body = TypeVar("Body", bound=BaseModel)


class JsonReader(Generic[Body]):
    """Reads the bodies of one route."""

    def __init__(self, body_type: type[Body]) -> None:
        schema = body_type.__pydantic_core_schema__
        self._thorough = SchemaValidator(schema)
        # Else pydantic takes the validators that the models within have already, which are thorough ones.
        self._brief = SchemaValidator(_leaving_at_first(schema), _use_prebuilt=False)
        self._long = LONG_LISTS.get(body_type)
        kinds = self._long.kinds if self._long else ()
        self._elements = [SchemaValidator(_leaving_at_first(one), _use_prebuilt=False) for one in kinds]

    async def read(self, body: bytes, bounds: JsonBounds) -> Body:
        """The body, validated.

        Raises:
            RequestTooLargeError: it holds more than one request may.
            InvalidJsonError: it is not JSON.
            InvalidRequestError: something of it is wrong.
        """
        values, validator = most_values(body), self._thorough
        if values > _FEW_VALUES:
            aside = len(body) > _LOOKED_OVER_HERE
            shape = await asyncio.to_thread(shape_of, body, bounds.values) if aside else shape_of(body, bounds.values)
            bounds.check(shape)
            values = shape.values
            if values > _FEW_VALUES:
                validator = self._brief
        if self._long is not None and _takes_s(body, values) > _LONG_S:
            cut = await asyncio.to_thread(cut_at, body, self._long.name)
            return await self._joined(cut, self._long, all_told=validator is self._thorough)
        read: Body = _read(validator, body, all_told=validator is self._thorough)
        return read

    async def _joined(self, cut: Cut, long: LongList, *, all_told: bool) -> Body:
        """What was cut, read piece by piece."""
        request: Body = _read(self._thorough if all_told else self._brief, cut.rest, all_told=all_told)
        if not cut.pieces:
            return request
        elements = list(getattr(request, long.name))
        validator, time_slice = self._elements[long.kind_of(elements[0])], TimeSlice()
        for piece, size in zip(cut.pieces, cut.sizes, strict=True):
            await time_slice.checkpoint()
            some = _read(validator, piece, all_told=False, at=(long.name, len(elements)))
            if len(some) != size:  # there was a comma too many
                raise InvalidJsonError
            elements += some
        await time_slice.checkpoint()
        request = request.model_copy(update={long.name: elements})
        try:
            long.check(request)
        except ValueError as error:
            raise InvalidRequestError([((), f"Value error, {error}")]) from None
        return request


def _takes_s(body: bytes, values: int) -> float:
    """How many seconds a body takes that has so many values, about and at most."""
    return values * _VALUE_S + body.count(b"\\") * _ESCAPE_S + len(body) * _BYTE_S


def _read(validator: SchemaValidator, text: bytes, *, all_told: bool, at: tuple[str, int] | None = None) -> Any:  # noqa: ANN401
    """What a validator makes of JSON.

    Args:
        validator: of what it should be.
        text: the body, or a piece of a list of it.
        all_told: whether the validator tells of all that is wrong.
        at: of a piece, the list's name and the place of the first element.

    Raises:
        InvalidJsonError: it is not JSON.
        InvalidRequestError: something of it is wrong.
    """
    try:
        return _validated(validator, text)
    except ValidationError as error:
        errors = _errors(error)
    # The exception is let go of before the next is raised: its traceback holds this frame, and with it the body.
    if _SURROGATE.search(text):
        try:
            return _validated(validator, _without_lone_surrogates(text))
        except ValidationError as error:
            errors = _errors(error)
        except (ValueError, RecursionError):
            pass  # what is wrong was not the surrogates
    if any(one["type"] == "json_invalid" for one in errors):
        raise InvalidJsonError
    raise InvalidRequestError([(_placed(one["loc"], at), one["msg"]) for one in errors], all_told=all_told)


def _placed(location: Location, at: tuple[str, int] | None) -> Location:
    """Where in the body something is that stands there in a piece of a list."""
    if at is None or not location or not isinstance(location[0], int):
        return location
    name, first = at
    return (name, first + location[0], *location[1:])


def _validated(validator: SchemaValidator, body: bytes) -> Any:  # noqa: ANN401 (what pydantic says itself)
    return validator.validate_json(body)


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
