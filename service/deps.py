"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Header, Request

from service.components import Components
from service.errors import UnsupportedMediaTypeError
from service.metrics import Metrics
from service.model import Model
from service.readiness import Readiness
from service.recommender import Recommender
from service.settings import Settings


def get_components(request: Request) -> Components:
    """The parts of the app that answers this request."""
    components: Components = request.app.state.components
    return components


ComponentsDep = Annotated[Components, Depends(get_components)]


def _settings(components: ComponentsDep) -> Settings:
    return components.settings


def _metrics(components: ComponentsDep) -> Metrics:
    return components.metrics


def _model(components: ComponentsDep) -> Model:
    return components.model


def _recommender(components: ComponentsDep) -> Recommender:
    return components.recommender


def _readiness(components: ComponentsDep) -> Readiness:
    return components.readiness


def require_json(content_type: Annotated[str, Header(include_in_schema=False)] = "") -> None:
    """Refuse a body that is not declared as JSON: nothing would parse it, and the error would be about missing fields.

    Raises:
        UnsupportedMediaTypeError: the content type is another, or none.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaTypeError("send the body as JSON, with the header Content-Type: application/json")


SettingsDep = Annotated[Settings, Depends(_settings)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
ModelDep = Annotated[Model, Depends(_model)]
RecommenderDep = Annotated[Recommender, Depends(_recommender)]
ReadinessDep = Annotated[Readiness, Depends(_readiness)]
