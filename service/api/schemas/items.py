"""Requests and answers of `PUT /v1/items`."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from service.api.schemas.base import HAS_WORDS, NOTHING, RequestId, StrictRequest, refuse_repeats, requiring
from service.feature_store.items.item import ItemDescription
from service.ranking.degradation import Degradation


class NewItem(ItemDescription):
    """An item to store: a text, or a title with or without a description."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                requiring(text=HAS_WORDS, title=NOTHING, description=NOTHING),
                requiring(title=HAS_WORDS, text=NOTHING),
            ]
        }
    )


class ItemsRequest(StrictRequest):
    """Items to embed and store."""

    request_id: RequestId | None = None
    items: list[NewItem] = Field(min_length=1)

    @model_validator(mode="after")
    def check_items(self) -> Self:
        """Refuse a repeated id, by a `ValueError`."""
        refuse_repeats([one.id for one in self.items], "items")
        return self


@dataclass(slots=True)
class ItemsUsage:
    """The work that embedding the items took."""

    tokens: int
    encoded_texts: int


@dataclass(slots=True)
class ItemsResponse:
    """The result of storing items."""

    request_id: str
    model: str
    stored: int
    truncated: Annotated[list[str], Field(description="ids of items of which the model read only the beginning")]
    unreadable: Annotated[
        list[str],
        Field(
            description="ids of items of which the model's vocabulary knows no token; they can't be ranked until a "
            "model serves that knows some"
        ),
    ]
    degraded: Annotated[list[Degradation], Field(description="feature_store: only this process has the items")]
    usage: ItemsUsage
