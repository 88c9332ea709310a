"""Validation of JSON bodies, in bounded time whatever a body holds.

pydantic reports everything that is wrong. For a small body that is what its author wants; for a large one it could be a
million errors. So a large body is read by a second validator of the same schema, which leaves a list at its first
invalid element.

pydantic parses a text in one go and lets nothing else run meanwhile: 2 MB within the limits can take 35 ms. So a body
that takes long is split, and parsed piece by piece.
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
from service.api.json.shape import most_values, shape_of
from service.api.json.splitting import SplitBody, split_list
from service.errors import InvalidJsonError, InvalidRequestError, Location
from service.process.yielding import TimeSlice

_FEW_VALUES = 1000
_LONG_DIGITS = 20
_INLINE_BYTES = 64 * 1024  # the shape of a larger body is measured on a thread

# Parsing time on a core of an AMD EPYC (Zen 4): of a value, of an escaped character, of any byte.
_VALUE_S, _ESCAPE_S, _BYTE_S = 0.4e-6, 25e-9, 1e-9
_LONG_S = 0.004
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Body = TypeVar("Body", bound=BaseModel)


class JsonReader(Generic[Body]):
    """Reads the bodies of one route."""

    def __init__(self, body_type: type[Body]) -> None:
        schema = body_type.__pydantic_core_schema__
        self._thorough = SchemaValidator(schema)
        # pydantic would otherwise reuse the validators of nested models, which are thorough ones.
        self._brief = SchemaValidator(_fail_fast(schema), _use_prebuilt=False)
        self._long = LONG_LISTS.get(body_type)
        schemas = self._long.schemas if self._long else ()
        self._elements = [SchemaValidator(_fail_fast(one), _use_prebuilt=False) for one in schemas]

    async def read(self, body: bytes, bounds: JsonBounds) -> Body:
        """Validate a body.

        Raises:
            RequestTooLargeError: it holds more than one request may.
            InvalidJsonError: it is not JSON.
            InvalidRequestError: fields are invalid.
        """
        values, validator = most_values(body), self._thorough
        if values > _FEW_VALUES:
            on_thread = len(body) > _INLINE_BYTES
            shape = (
                await asyncio.to_thread(shape_of, body, bounds.values) if on_thread else shape_of(body, bounds.values)
            )
            bounds.check(shape)
            values = shape.values
            if values > _FEW_VALUES:
                validator = self._brief
        if self._long is not None and _estimated_s(body, values) > _LONG_S:
            split = await asyncio.to_thread(split_list, body, self._long.name)
            return await self._joined(split, self._long, validator)
        read: Body = _read(validator, body, complete=validator is self._thorough)
        return read

    async def _joined(self, split: SplitBody, long: LongList, validator: SchemaValidator) -> Body:
        """Validate a split body piece by piece."""
        request: Body = _read(validator, split.rest, complete=validator is self._thorough)
        if not split.pieces:
            return request
        elements = list(getattr(request, long.name))
        validator, time_slice = self._elements[long.kind_of(elements[0])], TimeSlice()
        for piece, size in zip(split.pieces, split.sizes, strict=True):
            await time_slice.checkpoint()
            some = _read(validator, piece, complete=False, at=(long.name, len(elements)))
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


def _estimated_s(body: bytes, values: int) -> float:
    """An upper estimate of the seconds that parsing takes."""
    return values * _VALUE_S + body.count(b"\\") * _ESCAPE_S + len(body) * _BYTE_S


def _read(validator: SchemaValidator, text: bytes, *, complete: bool, at: tuple[str, int] | None = None) -> Any:  # noqa: ANN401
    """Validate a body, or a piece of one of its lists: `at` that list's name and the index of the first element."""
    try:
        return validator.validate_json(text)
    except ValidationError as error:
        errors = _errors(error)
    # The exception is released before the next is raised: its traceback holds this frame, and with it the body.
    if _SURROGATE.search(text):
        try:
            return validator.validate_json(_without_lone_surrogates(text))
        except ValidationError as error:
            errors = _errors(error)
        except (ValueError, RecursionError):
            pass  # the surrogates were not what was wrong
    if any(one["type"] == "json_invalid" for one in errors):
        raise InvalidJsonError
    raise InvalidRequestError([(_placed(one["loc"], at), one["msg"]) for one in errors], complete=complete)


def _placed(location: Location, at: tuple[str, int] | None) -> Location:
    """A location within a piece of a list, as a location within the body."""
    if at is None or not location or not isinstance(location[0], int):
        return location
    name, first = at
    return (name, first + location[0], *location[1:])


def _errors(error: ValidationError) -> Sequence[ErrorDetails]:
    return error.errors(include_url=False, include_context=False, include_input=False)


def _fail_fast(schema: CoreSchema) -> CoreSchema:
    """The same schema, except that validation of a list stops at its first invalid element."""

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
    """Replace each lone surrogate with a question mark: clients cut texts in the middle of an emoji."""
    found = json.loads(body, parse_int=_number)
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _number(digits: str) -> int | float:
    """An integer, or a float for many digits: Python's integer parsing takes quadratic time."""
    return int(digits) if len(digits) < _LONG_DIGITS else float(digits)
