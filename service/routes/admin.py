"""`POST /v1/admin/model`: another model takes the place of the one that serves. Only for API keys with `admin`."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import Field

from service.artifact import ArtifactError, FolderName
from service.deps import get_components
from service.errors import ErrorBody, ForbiddenError, ModelRefusedError
from service.heads.errors import HeadError
from service.ranking.weights import RankerError
from service.routes.json_route import JsonRoute
from service.schemas.base import StrictRequest
from service.security.api_keys import Holder
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
    """Have another model serve, in this process. One that may not be served is refused, and the old one serves on."""
    holder: Holder | None = getattr(request.state, "holder", None)
    if holder is None or not holder.key.admin:
        raise ForbiddenError("only an API key with admin may do this")
    components = get_components(request)
    try:
        model = await components.host.swap(_folder(body.model, components.settings))
    except (ArtifactError, RankerError, HeadError):
        raise ModelRefusedError from None
    return ModelResponse(model=model.label, revision=model.manifest.revision)


def _folder(name: str | None, settings: Settings) -> Path:
    if name is None:
        return settings.model
    if settings.models is None:
        raise ForbiddenError("this service names no folder of models (EDGE_RANK_MODELS)")
    return settings.models / name
