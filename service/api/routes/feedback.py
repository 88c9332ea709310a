"""`POST /v1/feedback`: what users did with ranked items."""

import time

from fastapi import APIRouter, Request

from service.api.dependencies import get_container, state_of
from service.api.limits import check_lengths
from service.api.routing.json_route import JsonRoute
from service.api.schemas.feedback import FeedbackRequest, FeedbackResponse
from service.errors import ErrorBody
from service.impressions.impression import Outcome

router = APIRouter(tags=["rank"], route_class=JsonRoute)


@router.post("/v1/feedback", responses={status: {"model": ErrorBody} for status in (400, 413, 415, 422, 429)})
async def take_feedback(body: FeedbackRequest, request: Request) -> FeedbackResponse:
    """Record what users did. Events of answers that are no longer remembered are accepted too: a phone can be late."""
    container = get_container(request)
    check_lengths(container.json_bounds.elements, events=body.events)
    now = int(time.time())
    outcomes = [Outcome(now, one.request_id, one.item_id, one.action) for one in body.events]
    unknown = container.recorder.record_outcomes(outcomes)
    return FeedbackResponse(request_id=state_of(request).request_id, accepted=len(outcomes), unknown=unknown)
