"""`PUT /v1/items`: embeds items now, so that later requests can name them by id alone."""

from fastapi import APIRouter, Request

from service.api.dependencies import deadline_of, get_container, runtime_of, state_of
from service.api.limits import check_lengths
from service.api.middleware.request_id import set_request_id
from service.api.routing.json_route import ERRORS, JsonRoute
from service.api.schemas.items import ItemsRequest, ItemsResponse, ItemsUsage
from service.errors import ErrorBody, NoRoomError
from service.feature_store.items.indexing import embed_items
from service.feature_store.items.store import StoreFullError

router = APIRouter(tags=["items"], route_class=JsonRoute)


@router.put("/v1/items", responses={**ERRORS, 403: {"model": ErrorBody}, 507: {"model": ErrorBody}})
async def put_items(body: ItemsRequest, request: Request) -> ItemsResponse:
    """Embed items and store their features; a known item is replaced."""
    container, runtime, state = get_container(request), runtime_of(request), state_of(request)
    if body.request_id is not None:
        set_request_id(state, body.request_id)
    check_lengths(container.json_bounds.elements, items=body.items)
    items = [one.item() for one in body.items]
    embedded = await embed_items(items, runtime.encoder, deadline_of(request))
    try:
        complete = await runtime.store.put_items(items, embedded.features)
    except StoreFullError:
        raise NoRoomError from None
    if not complete:
        container.metrics.degraded.labels("feature_store").inc()
    return ItemsResponse(
        request_id=state.request_id,
        model=runtime.model.label,
        stored=len(embedded.features),
        truncated=embedded.truncated,
        unreadable=embedded.unreadable,
        degraded=[] if complete else ["feature_store"],
        usage=ItemsUsage(tokens=embedded.tokens, encoded_texts=len(body.items)),
    )
