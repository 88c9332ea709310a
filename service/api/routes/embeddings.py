"""`POST /v1/embeddings`: vectors of texts, for clients of OpenAI's API."""

import base64

from fastapi import APIRouter, Request

from service.api.dependencies import deadline_of, get_container, runtime_of, state_of
from service.api.limits import check_lengths
from service.api.routing.json_route import ERRORS, JsonRoute
from service.api.schemas.embeddings import Embedding, EmbeddingsRequest, EmbeddingsResponse, EmbeddingsUsage
from service.encoder.base import Encoding
from service.errors import InvalidFieldError
from service.process.yielding import TimeSlice

router = APIRouter(tags=["OpenAI-compatible"], route_class=JsonRoute)


@router.post("/v1/embeddings", responses=ERRORS)
async def embed(body: EmbeddingsRequest, request: Request) -> EmbeddingsResponse:
    """Embed texts. A blank or unreadable text has a vector too: that of an empty text."""
    check_lengths(get_container(request).json_bounds.elements, input=body.texts)
    runtime, state = runtime_of(request), state_of(request)
    dimension = runtime.model.encoder.dimension
    if body.dimensions not in (None, dimension):
        raise InvalidFieldError("dimensions", f"the model's vectors have {dimension} numbers; leave it out")
    encoding = await runtime.encoder.encode(body.texts, deadline_of(request))
    state.truncated_texts = int(encoding.truncated.sum())
    state.unreadable_texts = int((~encoding.readable).sum())
    tokens = int(encoding.tokens.sum())
    return EmbeddingsResponse(
        data=await _data(encoding, as_base64=body.encoding_format == "base64"),
        model=runtime.model.label,
        usage=EmbeddingsUsage(prompt_tokens=tokens, total_tokens=tokens),
    )


async def _data(encoding: Encoding, *, as_base64: bool) -> list[Embedding]:
    data, time_slice = [], TimeSlice()
    for index, row in enumerate(encoding.vectors.astype("<f4")):
        await time_slice.checkpoint()
        data.append(Embedding(index, base64.b64encode(row.tobytes()).decode() if as_base64 else row.tolist()))
    return data
