"""`POST /v1/classify`: classes of texts or pairs of texts."""

import time

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
from service.heads.classifier import Classifier, Facts
from service.heads.classify import Decided, classify
from service.models.runtime import ModelRuntime
from service.process.yielding import TimeSlice

router = APIRouter(tags=["classify"], route_class=JsonRoute)


@router.post("/v1/classify", responses={**ERRORS, 404: {"model": ErrorBody}})
async def classify_inputs(body: ClassifyRequest, request: Request) -> ClassifyResponse:
    """Classify texts, or pairs of texts, with a head or several: the likeliest classes and their probabilities.

    A head may be linear, a pack or a task model, which may give grades instead of classes. Linear heads that are asked
    for together share the texts' vectors.
    """
    container, runtime, state = get_container(request), runtime_of(request), state_of(request)
    if body.request_id is not None:
        set_request_id(state, body.request_id)
    check_lengths(container.json_bounds.elements, inputs=body.inputs)
    heads = _heads_of(body, runtime)
    facts = [one.facts for one in heads]
    top_k = body.top_k or 1
    check_scores(len(body.inputs) * len(heads), min(top_k, max(len(one.classes) for one in facts)))
    done = await classify(heads, body.inputs, runtime.encoder, deadline_of(request), most=top_k)
    for one in facts:
        container.metrics.classified_inputs.labels(one.name).inc(len(body.inputs))
    state.stages = {"encode": done.encode_s, "score": done.score_s}
    labels = [one.label for one in facts]
    results: list[ClassifyResult] = []
    for one, decided in zip(facts, done.decided, strict=True):
        await _add_results(results, decided, one, body)
    return ClassifyResponse(
        request_id=state.request_id,
        model=runtime.model.label,
        head=None if body.head is None else labels[0],
        heads=None if body.heads is None else labels,
        results=results,
        usage=ClassifyUsage(
            tokens=sum(int(one.tokens.sum()) for one in done.encodings),
            encoded_texts=sum(len(one.tokens) for one in done.encodings),
            truncated_texts=sum(int(one.truncated.sum()) for one in done.encodings),
            unreadable_texts=sum(int((~one.readable).sum()) for one in done.encodings),
        ),
        timing_ms=ClassifyTiming(
            total=_milliseconds(time.perf_counter() - state.arrived_s),
            encode=_milliseconds(done.encode_s),
            score=_milliseconds(done.score_s),
        ),
    )


def _heads_of(body: ClassifyRequest, runtime: ModelRuntime) -> list[Classifier]:
    """The requested heads, if they are loaded and classify what was sent, texts or pairs."""
    if body.head is not None and body.heads is not None:
        raise InvalidFieldError("heads", "leave it out, or head")
    asked = {"head": body.head} if body.heads is None else {f"heads[{at}]": name for at, name in enumerate(body.heads)}
    heads: dict[str, Classifier] = {}
    for field, name in asked.items():
        if name is None:
            raise InvalidFieldError("head", "Field required, or heads for several")
        if name not in runtime.model.heads:
            raise UnknownHeadError(runtime.model.heads)
        if name in heads:
            raise InvalidFieldError(field, "names a head for the second time")
        head = heads[name] = runtime.model.heads[name]
        if (head.facts.kind == "text") != isinstance(body.inputs[0], str):
            accepted = "texts, not pairs of texts" if head.facts.kind == "text" else "pairs of texts, not texts"
            raise InvalidFieldError("inputs" if body.heads is None else field, f"this head classifies {accepted}")
    return list(heads.values())


async def _add_results(results: list[ClassifyResult], decided: Decided, facts: Facts, body: ClassifyRequest) -> None:
    """Each input's grade, or likeliest classes; equally likely ones are in the order of the head's classes."""
    name, time_slice = None if body.heads is None else facts.name, TimeSlice()
    for index, (places, row, readable) in enumerate(
        zip(decided.likeliest, decided.outputs, decided.readable.tolist(), strict=True)
    ):
        await time_slice.checkpoint()
        if not readable:
            results.append(ClassifyResult(index, "unreadable", 0.0, head=name))
            continue
        if facts.grades:
            results.append(ClassifyResult(index, "ok", 0.0, head=name, grade=float(row[0])))
            continue
        top = [
            ClassScore(facts.classes[one], probability)
            for one, probability in zip(places.tolist(), row[places].tolist(), strict=True)
        ]
        best = top[0]
        shown = None if body.top_k is None else top
        results.append(ClassifyResult(index, "ok", best.probability, best.label, shown, name))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
