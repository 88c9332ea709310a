"""`POST /v1/rank`: ranks candidates."""

from fastapi import APIRouter, Request

from service.api.dependencies import deadline_of, get_container, state_of
from service.api.limits import check_lengths
from service.api.middleware.request_id import set_request_id
from service.api.routing.json_route import ERRORS, JsonRoute
from service.api.schemas.rank import RankRequest
from service.recommender.answer import RankResponse
from service.recommender.experiment import choose

router = APIRouter(tags=["rank"], route_class=JsonRoute)


@router.post("/v1/rank", responses=ERRORS)
@router.post("/rank", responses=ERRORS, include_in_schema=False)
async def rank(body: RankRequest, request: Request) -> RankResponse:
    """Rank candidates for a query, a user's history, or both."""
    container, state, options = get_container(request), state_of(request), body.options
    if body.request_id is not None:
        set_request_id(state, body.request_id)
    check_lengths(
        container.json_bounds.elements,
        candidates=body.candidates,
        user__history=body.user.history,
        options__pin=options.pin,
        options__exclude=options.exclude,
    )
    choice = choose(container.experiment, user_id=body.user.id, asked=options.ranker)
    with container.models.lease(choice.model) as runtime:
        answer = await runtime.recommender.rank(
            body.query,
            body.candidates,
            body.user.history,
            options,
            request_id=state.request_id,
            arrived=state.arrived_s,
            deadline=deadline_of(request, options.deadline_ms),
            choice=choice,
            on_impression=container.recorder.record_impression,
        )
    timing = answer.timing_ms
    state.stages = {"features": timing.features / 1000, "encode": timing.encode / 1000, "score": timing.score / 1000}
    return answer
