"""A ranking as it is answered. The API's OpenAPI document is made from these classes.

They are dataclasses: what the service computed itself needs no validation, and a hundred results are made in a third of
the time that pydantic models take.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from service.ranking.degradation import Degradation
from service.ranking.explanation import SignalContribution
from service.ranking.weights import Ranker

Status = Literal["ok", "missing", "unreadable"]


@dataclass(slots=True)
class RankResult:
    """A ranked candidate."""

    id: str
    index: Annotated[int, Field(description="index among the request's candidates, from 0")]
    rank: Annotated[int, Field(description="position among the results, from 1")]
    score: float
    status: Annotated[
        Status,
        Field(
            description="missing: it has no text, and the feature store does not have it, or there was no time; "
            "unreadable: the model's vocabulary knows no token of its text"
        ),
    ]
    explanation: dict[str, SignalContribution] | None = None


@dataclass(slots=True)
class RankUsage:
    """The work that the answer took."""

    tokens: int
    encoded_texts: int
    cached_items: Annotated[int, Field(description="candidates whose vectors came from the feature store")]
    missing_items: int
    truncated_texts: Annotated[int, Field(description="embedded texts of which the model read only the beginning")]
    unreadable_texts: Annotated[int, Field(description="texts of which the model's vocabulary knows no token")]
    known_events: Annotated[int, Field(description="events of the history with features; only they count")]


@dataclass(slots=True)
class RankTiming:
    """The time that the answer took, in milliseconds."""

    total: float
    features: float
    encode: Annotated[float, Field(description="includes the wait for a free thread")]
    score: float


@dataclass(slots=True)
class RankResponse:
    """The ranked candidates."""

    request_id: str
    model: str
    ranker: Annotated[Ranker, Field(description="the ranker used: by options, by experiment, or fused")]
    results: list[RankResult]
    degraded: Annotated[list[Degradation], Field(description="parts of the service that could not be used")]
    usage: RankUsage
    timing_ms: RankTiming
    variant: Annotated[
        str | None, Field(description="the arm of the experiment that the request was in; absent if in none")
    ] = None
