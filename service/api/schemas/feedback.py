"""Requests and answers of `POST /v1/feedback`."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field

from service.api.schemas.base import RequestId, StrictRequest
from service.feature_store.items.item import ItemId
from service.ranking.candidates import Action


class FeedbackEvent(StrictRequest):
    """A user's action on a ranked item."""

    request_id: RequestId = Field(description="of the answer that ranked it")
    item_id: ItemId
    action: Action


class FeedbackRequest(StrictRequest):
    """A batch of events."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"events": [{"request_id": "r-17", "item_id": "bill-split", "action": "click"}]}}
    )

    events: list[FeedbackEvent] = Field(min_length=1)


@dataclass(slots=True)
class FeedbackResponse:
    """Counts of accepted and of unknown events."""

    request_id: str
    accepted: Annotated[int, Field(description="number of events, all of them: none needs to be sent again")]
    unknown: Annotated[int, Field(description="events of a request or an item that this process does not remember")]
