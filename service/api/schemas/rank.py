"""Requests of `POST /v1/rank`; `service.recommender.answer` has its answers."""

from typing import Annotated, Required, Self

from pydantic import ConfigDict, Field, model_validator, with_config
from typing_extensions import TypedDict  # pydantic reads the standard one from Python 3.12 on only

from service.api.schemas.base import (
    HAS_WORDS,
    WHOLE,
    Finite,
    Name,
    RequestId,
    StrictRequest,
    refuse_repeats,
    requiring,
)
from service.feature_store.items.item import Category, ItemId
from service.ranking.candidates import Action
from service.ranking.weights import Ranker
from service.text.cleaning import has_words

COUNTED = ("popularity", "age_s")
"""Features that signals use."""


class HistoryEvent(StrictRequest):
    """Something the user did, with the item's id, its text, or both."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [requiring(item_id={"type": "string"}), requiring(text=HAS_WORDS)]}
    )

    item_id: ItemId | None = None
    text: str | None = None
    category: Category | None = Field(default=None, description="by default, the one in the feature store")
    action: Action
    age_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="how long ago, in seconds; by default, the event's position in the history counts"
    )

    @model_validator(mode="after")
    def _check_subject(self) -> Self:
        if self.item_id is None and not has_words(self.text):
            raise ValueError("an event needs an item_id or a text")
        return self


class User(StrictRequest):
    """The user to rank for. Nothing of this is stored."""

    id: ItemId | None = Field(
        default=None, description="its hash decides the user's arm in an experiment; not used otherwise"
    )
    history: list[HistoryEvent] = Field(default=[], description="latest event first")


# A typed dictionary: a model, with defaults for absent fields, takes five times as long to validate, and a request may
# have a thousand candidates.
@with_config(extra="forbid", hide_input_in_errors=True, strict=True)
class Candidate(TypedDict, total=False):
    """An item to rank; without a text, it is looked up in the feature store by its id."""

    id: Required[ItemId]
    text: str | None
    score: Annotated[Finite | None, Field(description="the backend's own score; any scale, more is better")]
    features: Annotated[
        dict[Name, Finite],
        Field(
            max_length=64,
            description="numbers by name. Signals use `popularity`, how often the item was taken lately, and `age_s`, "
            "seconds since it was new, or was last taken; both at least 0. Others are accepted and ignored",
        ),
    ]
    category: Category | None


class RankOptions(StrictRequest):
    """Options of the ranking."""

    top_n: Annotated[int, Field(ge=1), WHOLE] | None = Field(
        default=None, description="number of results; all by default"
    )
    diversity: Finite = Field(default=0.0, ge=0, le=1, description="0: by score alone; 1: by novelty alone")
    pin: list[ItemId] = Field(
        default=[],
        description="ids of candidates to put first, in this order; unknown ids are ignored",
        json_schema_extra={"uniqueItems": True},
    )
    exclude: list[ItemId] = Field(default=[], description="ids of candidates to leave out; unknown ids are ignored")
    max_per_category: Annotated[int, Field(ge=1), WHOLE] | None = Field(
        default=None,
        description="most results per category; pins count, and always stay; items without a category are not limited",
    )
    ranker: Ranker | None = Field(
        default=None,
        description="fused: learned weights of all signals, the default; dense, lexical or upstream: baselines. "
        "An experiment decides only where this is absent",
    )
    explain: bool = False
    deadline_ms: Annotated[int, Field(ge=1, le=60_000), WHOLE] | None = Field(
        default=None, description="work that has not started this long after the request's arrival is dropped"
    )

    @model_validator(mode="after")
    def _check_pins(self) -> Self:
        refuse_repeats(self.pin, "pin")
        if not set(self.pin).isdisjoint(self.exclude):
            raise ValueError("an id is both in pin and in exclude")
        return self


class RankRequest(StrictRequest):
    """Candidates to rank, and their context."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "query": "split a dinner bill",
                "candidates": [
                    {"id": "taxi", "text": "Taxi. Call a car to where you are."},
                    {"id": "split", "text": "Split bill. Share a restaurant bill among friends."},
                ],
            }
        }
    )

    request_id: RequestId | None = Field(default=None, description="returned in the answer and in X-Request-ID")
    query: str | None = None
    user: User = Field(default_factory=User)
    context: dict[Name, str | Finite | bool | None] = Field(
        default={}, max_length=64, description="accepted; no signal uses it yet"
    )
    candidates: list[Candidate] = Field(description="in the backend's order, which breaks ties; ids must be unique")
    options: RankOptions = Field(default_factory=RankOptions)

    @model_validator(mode="after")
    def check_candidates(self) -> Self:
        """Refuse a repeated id, or a negative feature that signals use, by a `ValueError`."""
        refuse_repeats([one["id"] for one in self.candidates], "candidates")
        for place, one in enumerate(self.candidates):
            for name in COUNTED if one.get("features") else ():
                if one["features"].get(name, 0) < 0:
                    raise ValueError(f"candidates[{place}].features.{name} must not be negative")
        return self
