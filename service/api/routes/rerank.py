"""`POST /v1/rerank`: ranks documents for a query, for clients of Cohere's and Jina's API."""

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray

from service.api.dependencies import deadline_of, get_container, runtime_of, state_of
from service.api.limits import check_lengths
from service.api.routing.json_route import ERRORS, JsonRoute
from service.api.schemas.rerank import (
    ApiVersion,
    RerankMeta,
    RerankRequest,
    RerankResponse,
    RerankResult,
    RerankUsage,
    ReturnedDocument,
)
from service.encoder.base import Encoding
from service.ranking.candidates import Windows
from service.ranking.scorer import SCORE_DECIMALS
from service.ranking.similarity import similarities

router = APIRouter(tags=["Cohere- and Jina-compatible"], route_class=JsonRoute)


@router.post("/v1/rerank", responses=ERRORS)
@router.post("/v2/rerank", responses=ERRORS, include_in_schema=False)
@router.post("/rerank", responses=ERRORS, include_in_schema=False)
async def rerank(body: RerankRequest, request: Request) -> RerankResponse:
    """Rank documents for a query. Nothing is stored; ties keep the order of the request."""
    check_lengths(get_container(request).json_bounds.elements, documents=body.documents)
    runtime, state, texts = runtime_of(request), state_of(request), body.texts
    encoding = await runtime.encoder.encode([body.query, *texts], deadline_of(request))
    state.truncated_texts = int(encoding.truncated.sum())
    state.unreadable_texts = unreadable = int((~encoding.readable).sum())
    relevance = _relevance(encoding)
    # Unreadable documents come last, after irrelevant ones; ties keep the order of the request.
    order = np.lexsort((-relevance, ~encoding.readable[1:]))[: body.top_n]
    return RerankResponse(
        id=state.request_id,
        model=runtime.model.label,
        results=[
            RerankResult(
                place, float(relevance[place]), ReturnedDocument(texts[place]) if body.return_documents else None
            )
            for place in order.tolist()
        ],
        meta=RerankMeta(ApiVersion("2" if request.url.path.startswith("/v2/") else "1")),
        usage=RerankUsage(int(encoding.tokens.sum()), unreadable),
    )


def _relevance(encoding: Encoding) -> NDArray[np.float64]:
    """Similarity of the documents (one at least) to the query before them, at least 0: `[documents]`.

    An unreadable document is relevant to nothing, and nothing is relevant to an unreadable query.
    """
    windows = encoding.windows[1:]
    owners = np.repeat(np.arange(len(windows)), [len(one) for one in windows])
    similarity = similarities(encoding.vectors[0], encoding.vectors[1:], Windows(np.concatenate(windows), owners))
    known = encoding.readable[1:] & encoding.readable[0]
    return np.where(known, np.round(similarity, SCORE_DECIMALS).clip(0, 1), 0.0)
