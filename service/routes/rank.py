"""`POST /v1/rank`: candidates in, an ordered list back."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from service.deps import RecommenderDep, SettingsDep, require_json
from service.errors import ErrorBody
from service.limits import check_rank
from service.schemas import RankRequest, RankResponse

router = APIRouter(tags=["rank"], dependencies=[Depends(require_json)])

_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (400, 413, 415, 422, 504)}


@router.post("/v1/rank", responses=_ERRORS, response_model_exclude_none=True)
@router.post("/rank", responses=_ERRORS, response_model_exclude_none=True, include_in_schema=False)
async def rank(body: RankRequest, request: Request, recommender: RecommenderDep, settings: SettingsDep) -> RankResponse:
    """Put candidates in order for a query, a user's history, or both."""
    if body.request_id is not None:
        request.state.request_id = body.request_id
    check_rank(body, settings)
    return await recommender.rank(body, request_id=request.state.request_id, arrived=request.state.arrived)
