"""`POST /v1/admin/model`: replaces the model that serves. For API keys with the right `admin`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import Field

from service.api.dependencies import get_container, state_of
from service.api.routing.json_route import JsonRoute
from service.api.schemas.base import StrictRequest
from service.artifact.artifact import FolderName
from service.errors import ErrorBody, ForbiddenError, ModelRefusedError
from service.models.swap import SwapRefusedError
from service.settings import Settings

router = APIRouter(tags=["operations"], route_class=JsonRoute)


class ModelRequest(StrictRequest):
    """The model to serve."""

    model: FolderName | None = Field(
        default=None, description="a folder in EDGE_RANK_MODELS; none: reload the one that EDGE_RANK_MODEL names"
    )


@dataclass(slots=True)
class ModelResponse:
    """The model that serves now."""

    model: str
    revision: str


@router.post("/v1/admin/model", responses={status: {"model": ErrorBody} for status in (400, 401, 403, 409, 415, 422)})
async def swap_model(body: ModelRequest, request: Request) -> ModelResponse:
    """Replace the model that serves, in all workers or none. If the new one can't be served, the current one stays."""
    container = get_container(request)
    if state_of(request).principal is None:  # without keys, nobody has the right, which middleware has checked
        container.metrics.refused.labels("forbidden").inc()
        raise ForbiddenError('this needs an API key with the right "admin", and this service has no keys')
    try:
        # The swap continues if the client disconnects.
        swapped = await asyncio.shield(container.switch.to(_folder(body.model, container.settings)))
    except SwapRefusedError:
        raise ModelRefusedError from None
    return ModelResponse(model=swapped.label, revision=swapped.revision)


def _folder(name: str | None, settings: Settings) -> Path | None:
    if name is None:
        return None
    if settings.models is None:
        raise ForbiddenError("this service has no folder of models (EDGE_RANK_MODELS)")
    return settings.models / name
