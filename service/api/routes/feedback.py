"""`POST /v1/feedback`: what users did with what was ranked for them."""

import time

from fastapi import APIRouter, Request

from service.api.dependencies import get_components
from service.api.limits import check_feedback
from service.api.routes.json_route import JsonRoute
from service.api.schemas.feedback import FeedbackRequest, FeedbackResponse
from service.errors import ErrorBody
from service.impressions.impression import Outcome

router = APIRouter(tags=["rank"], route_class=JsonRoute)


@router.post("/v1/feedback", responses={status: {"model": ErrorBody} for status in (400, 413, 415, 422, 429)})
async def take_feedback(body: FeedbackRequest, request: Request) -> FeedbackResponse:
    """Take what users did. Events of an answer that nobody remembers are accepted too: a phone may forget them."""
    check_feedback(body)
    now = int(time.time())
    outcomes = [Outcome(now, one.request_id, one.item_id, one.action) for one in body.events]
    unknown = get_components(request).recorder.record_outcomes(outcomes)
    return FeedbackResponse(request_id=request.state.request_id, accepted=len(outcomes), unknown=unknown)
