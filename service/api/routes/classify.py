"""`POST /v1/classify`: classes of texts or pairs of texts."""

import time
from collections.abc import Sequence

from fastapi import APIRouter, Request

from service.api.dependencies import deadline_of, get_container, runtime_of, state_of
from service.api.limits import check_lengths, check_scores
from service.api.middleware.request_id import set_request_id
from service.api.routing.json_route import ERRORS, JsonRoute
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
from service.process.yielding import TimeSlice

router = APIRouter(tags=["classify"], route_class=JsonRoute)


@router.post("/v1/classify", responses={**ERRORS, 404: {"model": ErrorBody}})
async def classify_inputs(body: ClassifyRequest, request: Request) -> ClassifyResponse:
    """Classify each text, or each pair of texts, with a head: the likeliest classes and their probabilities."""
    container, runtime, state = get_container(request), runtime_of(request), state_of(request)
    if body.request_id is not None:
        set_request_id(state, body.request_id)
    check_lengths(container.json_bounds.elements, inputs=body.inputs)
    head = _head_of(body, runtime)
    check_scores(len(body.inputs), min(body.top_k or 1, len(head.manifest.classes)))
    done = await classify(head, body.inputs, runtime.encoder, deadline_of(request), most=body.top_k or 1)
    container.metrics.classified_inputs.labels(head.manifest.name).inc(len(body.inputs))
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
            total=_milliseconds(time.perf_counter() - state.arrived_s),
            encode=_milliseconds(done.encode_s),
            score=_milliseconds(done.score_s),
        ),
    )


def _head_of(body: ClassifyRequest, runtime: ModelRuntime) -> Head:
    """Find the requested head.

    Raises:
        UnknownHeadError: it is not loaded.
        InvalidFieldError: it classifies pairs and these are texts, or the reverse.
    """
    heads = runtime.model.heads
    head = heads.get(body.head)
    if head is None:
        raise UnknownHeadError(heads)
    if (head.manifest.kind == "text") != isinstance(body.inputs[0], str):
        accepted = "texts, not pairs of texts" if head.manifest.kind == "text" else "pairs of texts, not texts"
        raise InvalidFieldError("inputs", f"this head classifies {accepted}")
    return head


async def _results(done: Classified, classes: Sequence[str], top_k: int | None) -> list[ClassifyResult]:
    """Each input's likeliest classes; equally likely ones are in the order of the head's classes."""
    results, time_slice = [], TimeSlice()
    for index, (places, row, readable) in enumerate(
        zip(done.likeliest, done.probabilities, done.readable.tolist(), strict=True)
    ):
        await time_slice.checkpoint()
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
