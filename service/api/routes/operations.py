"""Endpoints for operators: liveness, readiness, metrics, and what the service serves."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from service.api.dependencies import ContainerDep
from service.api.limits import MAX_EVENTS
from service.artifact.artifact import Figure, GradeRange, ModelShape
from service.heads.classifier import ClassifierType, Facts
from service.heads.manifest import HeadFigure, Kind
from service.models.manager import ModelManager
from service.ranking.weights import SURFACES, Ranker, Surface
from service.recommender.experiment import Experiment
from service.text.cleaning import MAX_CHARACTERS

router = APIRouter(tags=["operations"])


class Liveness(BaseModel):
    """The process answers."""

    status: str = "alive"


class ReadinessReport(BaseModel):
    """Readiness for requests."""

    ready: bool
    waiting_for: list[str]


class Limits(BaseModel):
    """Limits on one request."""

    max_body_bytes: int
    max_candidates: int
    max_items: int
    max_history: int
    max_events: int
    max_text_chars: int


class ArmInfo(BaseModel):
    """One arm of the experiment."""

    share: float
    ranker: Ranker
    own_weights: bool
    model: str | None


class ExperimentInfo(BaseModel):
    """The running experiment; arms by name."""

    name: str
    arms: dict[str, ArmInfo]


class HeadInfo(BaseModel):
    """A classifier."""

    type: ClassifierType = Field(
        description="head: linear, on the model's vectors; pack: a head with adapters for the model; model: of its own"
    )
    revision: str
    kind: Kind
    classes: list[str] = Field(description="none of a model that grades")
    grades: GradeRange | None = Field(
        default=None, exclude_if=lambda grades: grades is None, description="of a model that grades; absent otherwise"
    )
    bytes: int = Field(description="that it adds to a device")
    quality: list[HeadFigure | Figure]


class Info(BaseModel):
    """The model, the experiment and the limits of this service."""

    model: str
    revision: str
    encoder_revision: str
    device_bytes: int
    shape: ModelShape
    quality: list[Figure]
    signal_weights: dict[Surface, dict[str, float]]
    weights_learned_from: dict[Surface, str]
    heads: dict[str, HeadInfo]
    feature_store: str
    redis_available: bool | None = Field(description="false while its circuit breaker is open; null without a Redis")
    item_store: Literal["memory", "redis", "embedded"]
    catalogue_items: int
    experiment: ExperimentInfo | None
    logs_impressions: bool
    limits: Limits


@router.head("/livez", include_in_schema=False)
@router.get("/livez")
async def livez() -> Liveness:
    """Answers as long as the process does."""
    return Liveness()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses={503: {"model": ReadinessReport}})
async def readyz(container: ContainerDep, response: Response) -> ReadinessReport:
    """503 until everything is loaded. A Redis outage does not count: requests are answered without it."""
    reasons = container.readiness.reasons
    if reasons:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return ReadinessReport(ready=not reasons, waiting_for=reasons)


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics", response_class=Response)
async def metrics(container: ContainerDep) -> Response:
    """Prometheus metrics."""
    return Response(await container.scrapes.text(), media_type=CONTENT_TYPE_LATEST)


@router.head("/v1/info", include_in_schema=False)
@router.get("/v1/info")
async def info(container: ContainerDep) -> Info:
    """The model, its measured quality, how it ranks, and the limits."""
    model, settings = container.models.current.model, container.settings
    manifest, weights = model.manifest, model.weights
    return Info(
        model=model.label,
        revision=manifest.revision,
        encoder_revision=manifest.encoder_revision,
        device_bytes=manifest.device_bytes,
        shape=manifest.model,
        quality=list(manifest.quality),
        signal_weights={surface: dict(weights.by_surface[surface]) for surface in SURFACES},
        weights_learned_from=dict(weights.learned_from),
        heads={name: _head(head.facts) for name, head in model.heads.items()},
        feature_store="memory" if settings.redis_url is None else "memory, redis",
        redis_available=container.models.redis_available,
        item_store=settings.item_store,
        catalogue_items=len(container.models.catalogue),
        experiment=None if container.experiment is None else _experiment(container.experiment, container.models),
        logs_impressions=settings.impressions is not None,
        limits=Limits(
            max_body_bytes=settings.max_body_bytes,
            max_candidates=settings.max_candidates,
            max_items=settings.max_items,
            max_history=settings.max_history,
            max_events=MAX_EVENTS,
            max_text_chars=MAX_CHARACTERS,
        ),
    )


def _head(facts: Facts) -> HeadInfo:
    return HeadInfo(
        type=facts.type,
        revision=facts.revision,
        kind=facts.kind,
        classes=list(facts.classes),
        grades=facts.grades,
        bytes=facts.bytes,
        quality=list(facts.quality),
    )


def _experiment(experiment: Experiment, models: ModelManager) -> ExperimentInfo:
    return ExperimentInfo(
        name=experiment.name,
        arms={
            arm.name: ArmInfo(
                share=arm.share,
                ranker=arm.ranker,
                own_weights=arm.weights is not None,
                model=None if arm.model is None else models.model_of(arm.model).label,
            )
            for arm in experiment.arms
        },
    )
