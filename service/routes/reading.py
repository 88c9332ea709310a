"""Bodies as the requests that they describe, those that take long in pieces, so that the event loop is not held up.

pydantic reads a text in one go, and lets nobody else run meanwhile: 2 MB within the limits may take it 35 ms, and 2 MB
of small values that are not asked for 160 ms.
"""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from service.errors import RequestTooLargeError
from service.limits import MAX_ELEMENTS, MAX_VALUES
from service.pace import Pace
from service.routes.outline import cut_at
from service.schemas.classify import ClassifyRequest, Pair, ReadText
from service.schemas.embeddings import EmbeddingsRequest
from service.schemas.feedback import FeedbackEvent, FeedbackRequest
from service.schemas.items import ItemsRequest, NewItem
from service.schemas.rank import Candidate, RankRequest
from service.schemas.rerank import Document, RerankRequest

T = TypeVar("T")
_Error = dict[str, Any]
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRICT = ConfigDict(strict=True, hide_input_in_errors=True)
_NO_JSON: _Error = {"type": "json_invalid", "loc": (), "msg": "Invalid JSON"}

# What reading takes, about, on a core of an AMD EPYC (Zen 4): of a value, of an escaped character, of any byte.
_VALUE_S, _ESCAPE_S, _BYTE_S = 0.4e-6, 25e-9, 1e-9
_LONG_S = 0.004


@dataclass(frozen=True)
class _LongList:
    """The list that a large request consists of.

    Attributes:
        name: of its field.
        elements: given the list's first element, what reads several.
        check: what holds for the whole list, beside what holds for each element; raises `ValueError`.
    """

    name: str
    elements: Callable[[Any], TypeAdapter[list[Any]]]
    check: Callable[[Any], object] = lambda _: None


def _all(kind: Any) -> Callable[[Any], TypeAdapter[list[Any]]]:  # noqa: ANN401 (a type or several)
    adapter = _adapter(kind)
    return lambda _: adapter


def _adapter(kind: Any) -> TypeAdapter[list[Any]]:  # noqa: ANN401
    has_config = isinstance(kind, type) and (issubclass(kind, BaseModel) or hasattr(kind, "__total__"))
    return TypeAdapter(list[kind]) if has_config else TypeAdapter(list[kind], config=_STRICT)


_texts, _pairs = _adapter(ReadText), _adapter(Pair)
_LONG: dict[type[BaseModel], _LongList] = {
    RankRequest: _LongList("candidates", _all(Candidate), RankRequest.check_candidates),
    ItemsRequest: _LongList("items", _all(NewItem), ItemsRequest.check_items),
    FeedbackRequest: _LongList("events", _all(FeedbackEvent)),
    EmbeddingsRequest: _LongList("input", _all(str)),
    RerankRequest: _LongList("documents", _all(str | Document)),
    ClassifyRequest: _LongList("inputs", lambda first: _texts if isinstance(first, str) else _pairs),
}


async def read(body_type: type[BaseModel], body: bytes) -> BaseModel:
    """The request that a body describes.

    Raises:
        RequestValidationError: it describes none.
        RequestTooLargeError: it holds more values than may be.
    """
    if _takes(body) < _LONG_S:
        return _validated(body_type.model_validate_json, body, ())
    long = _LONG.get(body_type)
    cut = await asyncio.to_thread(cut_at, body, long.name if long else "")
    if cut.marks > MAX_VALUES or sum(cut.sizes) > MAX_ELEMENTS:
        raise RequestTooLargeError("the body holds more values than may be; send fewer")
    request = _validated(body_type.model_validate_json, cut.rest, ())
    if long is None or not cut.pieces:
        return request
    elements = list(getattr(request, long.name))
    adapter, pace = long.elements(elements[0]), Pace()
    for piece, size in zip(cut.pieces, cut.sizes, strict=True):
        await pace.turn()
        some = _validated(adapter.validate_json, piece, (long.name,), first=len(elements))
        if len(some) != size:  # a comma too many
            raise _invalid([_NO_JSON])
        elements += some
    await pace.turn()
    request = request.model_copy(update={long.name: elements})
    try:
        long.check(request)
    except ValueError as error:
        raise _invalid([{"type": "value_error", "loc": (), "msg": f"Value error, {error}"}]) from None
    return request


def _takes(body: bytes) -> float:
    """How long reading a body takes at most, in seconds, if it holds what it should."""
    values = body.count(b",") + body.count(b"[") + body.count(b"{")
    return values * _VALUE_S + body.count(b"\\") * _ESCAPE_S + len(body) * _BYTE_S


def _validated(validate: Callable[[bytes], T], text: bytes, at: Sequence[str], first: int = 0) -> T:
    """What a text describes.

    Args:
        validate: reads it.
        text: JSON.
        at: where in the body it stands.
        first: if it is a part of a list, the place of its first element.

    Raises:
        RequestValidationError: it is not what it should be.
    """
    try:
        return validate(text)
    except ValidationError as error:
        failure = error
    if _SURROGATE.search(text):
        try:
            return validate(_without_lone_surrogates(text))
        except (ValidationError, ValueError, RecursionError) as error:
            if isinstance(error, ValidationError):
                failure = error
    errors = failure.errors(include_url=False, include_context=False, include_input=False)
    raise _invalid([{**one, "loc": (*at, *_moved(one["loc"], first if at else 0))} for one in errors])


def _moved(location: Sequence[str | int], by: int) -> Sequence[str | int]:
    """A location in a list, seen from so many elements before it."""
    if not location or not isinstance(location[0], int):
        return location
    return (location[0] + by, *location[1:])


def _invalid(errors: Sequence[_Error]) -> RequestValidationError:
    return RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in errors])


def _without_lone_surrogates(body: bytes) -> bytes:
    """JSON with a question mark for each half of a pair that came alone: a client has cut a text inside an emoji."""
    return json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
