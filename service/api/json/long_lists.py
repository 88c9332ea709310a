"""The list that makes a request large, by request type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import CoreSchema

from service.api.schemas.classify import ClassifyRequest, Pair, ReadText
from service.api.schemas.embeddings import EmbeddingsRequest
from service.api.schemas.feedback import FeedbackEvent, FeedbackRequest
from service.api.schemas.items import ItemsRequest, NewItem
from service.api.schemas.rank import Candidate, RankRequest
from service.api.schemas.rerank import Document, RerankRequest

_STRICT = ConfigDict(strict=True, hide_input_in_errors=True)


def _no_check(_: object) -> None:
    pass


@dataclass(frozen=True)
class LongList:
    """A list that can be parsed in pieces.

    Attributes:
        name: of its field, a member of the outermost object.
        schemas: of a list of elements, one for each kind of element.
        kind_of: index of an element's kind in `schemas`.
        check: validates the request as a whole, beyond the schema of each field; raises `ValueError`.
    """

    name: str
    schemas: tuple[CoreSchema, ...]
    kind_of: Callable[[Any], int] = lambda _: 0
    check: Callable[[Any], object] = _no_check


_objects: tuple[tuple[type[BaseModel], str, Any, Any], ...] = (
    (RankRequest, "candidates", list[Candidate], RankRequest.check_candidates),
    (ItemsRequest, "items", list[NewItem], ItemsRequest.check_items),
    (FeedbackRequest, "events", list[FeedbackEvent], _no_check),
)


def _strict(elements: Any) -> CoreSchema:  # noqa: ANN401 (a type, or what mypy does not take for one)
    return TypeAdapter(elements, config=_STRICT).core_schema


LONG_LISTS: dict[type[BaseModel], LongList] = {
    **{
        request: LongList(name, (TypeAdapter(elements).core_schema,), check=check)
        for request, name, elements, check in _objects
    },
    EmbeddingsRequest: LongList("input", (_strict(list[str]),)),
    RerankRequest: LongList("documents", (_strict(list[str | Document]),)),
    ClassifyRequest: LongList(
        "inputs", (_strict(list[ReadText]), _strict(list[Pair])), lambda first: isinstance(first, list)
    ),
}
