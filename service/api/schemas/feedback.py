"""`POST /v1/feedback`: what clients send and get."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field

from service.api.schemas.base import RequestId, StrictRequest
from service.feature_store.items.item import ItemId
from service.ranking.candidates import Action


class FeedbackEvent(StrictRequest):
    """What a user did with an item that an answer has shown."""

    request_id: RequestId = Field(description="the one of the answer")
    item_id: ItemId
    action: Action


class FeedbackRequest(StrictRequest):
    """What users did."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"events": [{"request_id": "r-17", "item_id": "bill-split", "action": "click"}]}}
    )

    events: list[FeedbackEvent] = Field(min_length=1)


@dataclass(slots=True)
class FeedbackResponse:
    """What became of it."""

    request_id: str
    accepted: Annotated[int, Field(description="all events: none needs to be sent again")]
    unknown: Annotated[
        int, Field(description="those of a request or an item that the process which took them does not remember")
    ]
