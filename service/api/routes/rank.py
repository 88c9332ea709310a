"""`POST /v1/rank`: candidates in, an ordered list back."""

from fastapi import APIRouter, Request

from service.api.dependencies import deadline_of, get_components
from service.api.limits import check_rank
from service.api.middleware.request_id import rename
from service.api.routes.json_route import ERRORS, JsonRoute
from service.api.schemas.rank import RankRequest
from service.recommender.answer import RankResponse
from service.recommender.experiment import choose

router = APIRouter(tags=["rank"], route_class=JsonRoute)


@router.post("/v1/rank", responses=ERRORS)
@router.post("/rank", responses=ERRORS, include_in_schema=False)
async def rank(body: RankRequest, request: Request) -> RankResponse:
    """Put candidates in order for a query, a user's history, or both."""
    components = get_components(request)
    state = request.state
    if body.request_id is not None:
        rename(state, body.request_id)
    check_rank(body, components.settings)
    choice = choose(components.experiment, user_id=body.user.id, asked=body.options.ranker)
    with components.models.lease(choice.model) as runtime:
        answer = await runtime.recommender.rank(
            body,
            request_id=state.request_id,
            arrived=state.arrived,
            deadline=deadline_of(request, body.options.deadline_ms),
            choice=choice,
            on_impression=components.recorder.record_impression,
        )
    timing = answer.timing_ms
    state.stages = {"features": timing.features / 1000, "encode": timing.encode / 1000, "score": timing.score / 1000}
    return answer
