"""Requests and answers of `PUT /v1/items`."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from service.api.schemas.base import (
    HAS_WORDS,
    NOTHING,
    Category,
    ItemId,
    RequestId,
    StrictRequest,
    has_words,
    refuse_repeats,
    requiring,
)
from service.ranking.degradation import Degradation


class NewItem(StrictRequest):
    """An item to store: a text, or a title with or without a description."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                requiring(text=HAS_WORDS, title=NOTHING, description=NOTHING),
                requiring(title=HAS_WORDS, text=NOTHING),
            ]
        }
    )

    id: ItemId
    text: str | None = None
    title: str | None = None
    description: str | None = None
    category: Category | None = None

    @model_validator(mode="after")
    def _check_text(self) -> Self:
        if (self.text is None) == (self.title is None):
            raise ValueError("an item needs either a text or a title")
        if self.text is not None and self.description is not None:
            raise ValueError("a description goes with a title, not with a text")
        if not has_words(self.text or self.title):
            raise ValueError("the text or title must not be blank")
        return self


class ItemsRequest(StrictRequest):
    """Items to embed and store."""

    request_id: RequestId | None = None
    items: list[NewItem] = Field(min_length=1)

    @model_validator(mode="after")
    def check_items(self) -> Self:
        """Check the items as a whole.

        Raises:
            ValueError: an id is repeated.
        """
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
