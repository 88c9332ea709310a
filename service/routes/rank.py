"""`POST /v1/rank`: candidates in, an ordered list back."""

from typing import Any

from fastapi import APIRouter, Request

from service.deps import deadline_of, get_components, serving_of
from service.errors import ErrorBody
from service.limits import check_rank
from service.routes.json_route import JsonRoute
from service.schemas.rank import RankRequest, RankResponse

router = APIRouter(tags=["rank"], route_class=JsonRoute)

_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (400, 413, 415, 422, 429, 504)}


@router.post("/v1/rank", responses=_ERRORS)
@router.post("/rank", responses=_ERRORS, include_in_schema=False)
async def rank(body: RankRequest, request: Request) -> RankResponse:
    """Put candidates in order for a query, a user's history, or both."""
    components = get_components(request)
    state = request.state
    if body.request_id is not None:
        state.request_id = body.request_id
    check_rank(body, components.settings)
    answer = await serving_of(request).recommender.rank(
        body,
        request_id=state.request_id,
        arrived=state.arrived,
        deadline=deadline_of(request, body.options.deadline_ms),
    )
    timing = answer.timing_ms
    state.stages = {"features": timing.features / 1000, "encode": timing.encode / 1000, "score": timing.score / 1000}
    return answer
