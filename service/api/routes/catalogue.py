"""`GET /v1/catalogue`: the items that the service was started with, to be shown or ranked elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.dependencies import ContainerDep
from service.api.schemas.catalogue import CatalogueItem, CataloguePage
from service.errors import ErrorBody

router = APIRouter(tags=["items"])

MOST_ITEMS = 1000


@router.head("/v1/catalogue", include_in_schema=False)
@router.get("/v1/catalogue", responses={422: {"model": ErrorBody}}, response_model_exclude_none=True)
async def catalogue(
    container: ContainerDep,
    offset: Annotated[int, Query(ge=0, description="index of the first item, from 0")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="most items to return")] = MOST_ITEMS,
) -> CataloguePage:
    """The catalogue's items in its order, a page at a time. Items put by clients are not among them."""
    items = container.models.catalogue
    return CataloguePage(
        total=len(items),
        offset=offset,
        items=[CatalogueItem(one.id, one.title, one.text, one.category) for one in items[offset : offset + limit]],
    )
