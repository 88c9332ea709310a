"""The lists that large requests consist of, by the type of the request."""

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


def _nothing_more(_: object) -> None:
    pass


@dataclass(frozen=True)
class LongList:
    """A list that may be read in pieces.

    Attributes:
        name: of its field, a member of the outermost object.
        kinds: schemas of a list of elements, of one kind or another.
        kind_of: which of them an element is of.
        check: what holds for a request as a whole, beside what its schema says of each field; raises `ValueError`.
    """

    name: str
    kinds: tuple[CoreSchema, ...]
    kind_of: Callable[[Any], int] = lambda _: 0
    check: Callable[[Any], object] = _nothing_more


_objects: tuple[tuple[type[BaseModel], str, Any, Any], ...] = (
    (RankRequest, "candidates", list[Candidate], RankRequest.check_candidates),
    (ItemsRequest, "items", list[NewItem], ItemsRequest.check_items),
    (FeedbackRequest, "events", list[FeedbackEvent], _nothing_more),
)


def _strict(elements: Any) -> CoreSchema:  # noqa: ANN401 (a type, or what mypy does not take for one)
    return TypeAdapter(elements, config=_STRICT).core_schema


LONG_LISTS: dict[type[BaseModel], LongList] = {
    **{
        kind: LongList(name, (TypeAdapter(elements).core_schema,), check=check)
        for kind, name, elements, check in _objects
    },
    EmbeddingsRequest: LongList("input", (_strict(list[str]),)),
    RerankRequest: LongList("documents", (_strict(list[str | Document]),)),
    ClassifyRequest: LongList(
        "inputs", (_strict(list[ReadText]), _strict(list[Pair])), lambda first: isinstance(first, list)
    ),
}
