"""`POST /v1/rerank`: documents in order for a query, for clients of Cohere's and Jina's API."""

import numpy as np
from fastapi import APIRouter, Request

from service.deps import deadline_of, get_components, serving_of
from service.limits import check_rerank
from service.ranking.scorer import SCORE_DECIMALS
from service.routes.json_route import ERRORS, JsonRoute
from service.schemas.rerank import (
    ApiVersion,
    RerankMeta,
    RerankRequest,
    RerankResponse,
    RerankResult,
    RerankUsage,
    ReturnedDocument,
)

router = APIRouter(tags=["industry shapes"], route_class=JsonRoute)


@router.post("/v1/rerank", responses=ERRORS)
@router.post("/v2/rerank", responses=ERRORS, include_in_schema=False)
@router.post("/rerank", responses=ERRORS, include_in_schema=False)
async def rerank(body: RerankRequest, request: Request) -> RerankResponse:
    """Put documents in order for a query. Nothing is remembered; equals stay in the order in which they came."""
    check_rerank(body, get_components(request).settings)
    serving = serving_of(request)
    texts = body.texts
    encoding = await serving.encoder.encode([body.query, *texts], deadline_of(request))
    request.state.truncated_texts = int(encoding.truncated.sum())
    cosines = np.round((encoding.vectors[1:] @ encoding.vectors[0]).astype(np.float64), SCORE_DECIMALS).clip(0, 1)
    order = np.argsort(-cosines, kind="stable")[: body.top_n]
    return RerankResponse(
        id=request.state.request_id,
        model=serving.model.label,
        results=[
            RerankResult(
                place, float(cosines[place]), ReturnedDocument(texts[place]) if body.return_documents else None
            )
            for place in order.tolist()
        ],
        meta=RerankMeta(ApiVersion("2" if request.url.path.startswith("/v2/") else "1")),
        usage=RerankUsage(int(encoding.tokens.sum())),
    )
