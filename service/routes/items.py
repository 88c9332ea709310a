"""`PUT /v1/items`: items to embed now, so that later requests can name them by id alone."""

from fastapi import APIRouter, Depends, Request

from service.catalogue import item_of
from service.deps import ComponentsDep, require_json
from service.errors import ErrorBody
from service.indexing import embed_items
from service.limits import check_items
from service.schemas import ItemsRequest, ItemsResponse, ItemsUsage

router = APIRouter(tags=["items"], dependencies=[Depends(require_json)])


@router.put("/v1/items", responses={status: {"model": ErrorBody} for status in (400, 413, 415, 422)})
async def put_items(body: ItemsRequest, request: Request, components: ComponentsDep) -> ItemsResponse:
    """Embed items and remember their features; an item that is already known is replaced."""
    if body.request_id is not None:
        request.state.request_id = body.request_id
    check_items(body, components.settings)
    embedded = await embed_items([item_of(one) for one in body.items], components.encoder)
    complete = await components.store.put_many(embedded.features)
    if not complete:
        components.metrics.degraded.labels("feature_store").inc()
    return ItemsResponse(
        request_id=request.state.request_id,
        model=components.model.label,
        stored=len(embedded.features),
        truncated=embedded.truncated,
        degraded=[] if complete else ["feature_store"],
        usage=ItemsUsage(tokens=embedded.tokens, encoded_texts=len(body.items)),
    )
