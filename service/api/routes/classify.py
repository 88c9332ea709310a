"""`POST /v1/classify`: texts or pairs in, their classes back."""

import time
from collections.abc import Sequence

from fastapi import APIRouter, Request

from service.api.dependencies import deadline_of, get_components, runtime_of
from service.api.limits import check_classify
from service.api.middleware.request_id import rename
from service.api.routes.json_route import ERRORS, JsonRoute
from service.api.schemas.classify import (
    ClassifyRequest,
    ClassifyResponse,
    ClassifyResult,
    ClassifyTiming,
    ClassifyUsage,
    ClassScore,
)
from service.errors import ErrorBody, InvalidFieldError, UnknownHeadError
from service.heads.classify import Classified, classify
from service.heads.head import Head
from service.models.runtime import ModelRuntime
from service.process.yielding import Pace

router = APIRouter(tags=["classify"], route_class=JsonRoute)


@router.post("/v1/classify", responses={**ERRORS, 404: {"model": ErrorBody}})
async def classify_inputs(body: ClassifyRequest, request: Request) -> ClassifyResponse:
    """Say of each text, or of each pair of texts, which of a head's classes it is, and how likely."""
    components, runtime, state = get_components(request), runtime_of(request), request.state
    if body.request_id is not None:
        rename(state, body.request_id)
    check_classify(body, components.settings)
    head = _head_of(body, runtime)
    done = await classify(head, body.inputs, runtime.encoder, deadline_of(request), most=body.top_k or 1)
    components.metrics.classified_inputs.labels(head.manifest.name).inc(len(body.inputs))
    state.stages = {"encode": done.encode_s, "score": done.score_s}
    encoding = done.encoding
    return ClassifyResponse(
        request_id=state.request_id,
        model=runtime.model.label,
        head=head.manifest.label,
        results=await _results(done, head.manifest.classes, body.top_k),
        usage=ClassifyUsage(
            tokens=int(encoding.tokens.sum()),
            encoded_texts=len(encoding.tokens),
            truncated_texts=int(encoding.truncated.sum()),
            unreadable_texts=int((~encoding.readable).sum()),
        ),
        timing_ms=ClassifyTiming(
            total=_milliseconds(time.perf_counter() - state.arrived),
            encode=_milliseconds(done.encode_s),
            score=_milliseconds(done.score_s),
        ),
    )


def _head_of(body: ClassifyRequest, runtime: ModelRuntime) -> Head:
    """The head that is asked for.

    Raises:
        UnknownHeadError: it is not loaded.
        InvalidFieldError: it classifies pairs and these are texts, or the other way.
    """
    heads = runtime.model.heads
    head = heads.get(body.head)
    if head is None:
        raise UnknownHeadError(heads)
    if (head.manifest.kind == "text") != isinstance(body.inputs[0], str):
        taken = "texts, not pairs of texts" if head.manifest.kind == "text" else "pairs of texts, not texts"
        raise InvalidFieldError("inputs", f"this head classifies {taken}")
    return head


async def _results(done: Classified, classes: Sequence[str], top_k: int | None) -> list[ClassifyResult]:
    """Each input's likeliest class; of equals, the one that stands first among the classes."""
    results, pace = [], Pace()
    for index, (places, row, readable) in enumerate(
        zip(done.likeliest, done.probabilities, done.readable.tolist(), strict=True)
    ):
        await pace.turn()
        if not readable:
            results.append(ClassifyResult(index, "unreadable", 0.0))
            continue
        probabilities = row[places].tolist()
        top = [
            ClassScore(classes[one], probability)
            for one, probability in zip(places.tolist(), probabilities, strict=True)
        ]
        best = top[0]
        results.append(ClassifyResult(index, "ok", best.probability, best.label, None if top_k is None else top))
    return results


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
