"""`POST /v1/admin/model`: another model takes the place of the one that serves. For API keys with the right `admin`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import Field

from service.api.dependencies import principal_of, get_container
from service.api.routing.json_route import JsonRoute
from service.api.schemas.base import StrictRequest
from service.artifact.artifact import FolderName
from service.errors import ErrorBody, ForbiddenError, ModelRefusedError
from service.models.swap import SwapRefusedError
from service.settings import Settings

router = APIRouter(tags=["operations"], route_class=JsonRoute)


class ModelRequest(StrictRequest):
    """Which model is to serve."""

    model: FolderName | None = Field(
        default=None, description="a folder in EDGE_RANK_MODELS; none: what EDGE_RANK_MODEL names is read anew"
    )


@dataclass(slots=True)
class ModelResponse:
    """Which model serves now."""

    model: str
    revision: str


@router.post("/v1/admin/model", responses={status: {"model": ErrorBody} for status in (400, 401, 403, 409, 415, 422)})
async def swap_model(body: ModelRequest, request: Request) -> ModelResponse:
    """Have another model serve, in all workers or none. One that may not is refused, and the old one serves on."""
    container = get_container(request)
    if principal_of(request) is None:  # rights are looked at where keys are; without keys, nobody has this one
        container.metrics.refused.labels("forbidden").inc()
        raise ForbiddenError('only an API key with the right "admin" may do this, and this service asks for no keys')
    try:
        # Whoever asked may leave meanwhile: the swap goes on.
        swapped = await asyncio.shield(container.switch.to(_folder(body.model, container.settings)))
    except SwapRefusedError:
        raise ModelRefusedError from None
    return ModelResponse(model=swapped.label, revision=swapped.revision)


def _folder(name: str | None, settings: Settings) -> Path | None:
    if name is None:
        return None
    if settings.models is None:
        raise ForbiddenError("this service names no folder of models (EDGE_RANK_MODELS)")
    return settings.models / name
