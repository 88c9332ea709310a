"""What clients send and get. A field that is not known is refused, so that a misspelt one is told, not ignored."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from service.middleware.request_id import REQUEST_ID_PATTERN
from service.ranking.signals import Action

ItemId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=64)]
RequestId = Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Degradation = Literal["feature_store"]


def _has_words(text: str | None) -> bool:
    return text is not None and bool(text.strip())


def _refuse_repeats(ids: list[str], name: str) -> None:
    """Say where, never what: a message must not repeat what the client sent."""
    first: dict[str, int] = {}
    for position, one in enumerate(ids):
        if first.setdefault(one, position) != position:
            raise ValueError(f"ids must be unique: {name}[{position}] repeats {name}[{first[one]}]")


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class HistoryEvent(_Request):
    """Something the user did; it names the item, tells its text, or both."""

    item_id: ItemId | None = None
    text: str | None = None
    action: Action
    age_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="how long ago, in seconds; without it, the event's place in the history counts"
    )

    @model_validator(mode="after")
    def _check_subject(self) -> Self:
        if self.item_id is None and not _has_words(self.text):
            raise ValueError("an event needs an item_id or a text")
        return self


class User(_Request):
    """For whom to rank. Nothing of it is stored."""

    id: ItemId | None = Field(default=None, description="not used: what is known of a user comes with the request")
    history: list[HistoryEvent] = Field(default=[], description="the latest event first")


class Candidate(_Request):
    """An item to rank. Without a text, it is looked up in the feature store by its id."""

    id: ItemId
    text: str | None = None
    score: Finite | None = Field(default=None, description="the backend's own score; any scale, more is better")
    features: dict[Name, Finite] = Field(default={}, max_length=64, description="accepted; no signal reads it yet")
    category: Category | None = None


class RankOptions(_Request):
    """How to arrange the results."""

    top_n: Annotated[int, Field(ge=1)] | None = Field(default=None, description="how many results; all by default")
    diversity: Finite = Field(default=0.0, ge=0, le=1, description="0: by score alone; 1: by novelty alone")
    pin: list[ItemId] = Field(default=[], description="ids that come first, in this order; others are ignored")
    exclude: list[ItemId] = Field(default=[], description="ids that must not come back; others are ignored")
    explain: bool = False
    deadline_ms: Annotated[int, Field(ge=1, le=60_000)] | None = Field(
        default=None, description="work that has not started this long after the request arrived is dropped"
    )

    @model_validator(mode="after")
    def _check_pins(self) -> Self:
        _refuse_repeats(self.pin, "pin")
        if not set(self.pin).isdisjoint(self.exclude):
            raise ValueError("an id is both in pin and in exclude")
        return self


class RankRequest(_Request):
    """Candidates to put in order, and what is known of the moment."""

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

    request_id: RequestId | None = Field(default=None, description="comes back in the answer and in X-Request-ID")
    query: str | None = None
    user: User = User()
    context: dict[Name, str | Finite | bool | None] = Field(
        default={}, max_length=64, description="accepted; no signal reads it yet"
    )
    candidates: list[Candidate] = Field(description="in the backend's order, which settles ties; ids must be unique")
    options: RankOptions = RankOptions()

    @model_validator(mode="after")
    def _check_candidates(self) -> Self:
        _refuse_repeats([one.id for one in self.candidates], "candidates")
        return self


class SignalContribution(BaseModel):
    """What one signal added to a score."""

    value: float | None = Field(description="the signal; absent if unknown, which counts as the average of the others")
    weight: float
    contribution: float = Field(description="those of all signals add up to the score")


class RankResult(BaseModel):
    """A candidate in its place."""

    id: str
    index: int = Field(description="its place among the request's candidates, from 0")
    rank: int = Field(description="its place among the results, from 1")
    score: float
    status: Literal["ok", "missing"] = Field(
        description="missing: it has no text, and the feature store does not know it"
    )
    explanation: dict[str, SignalContribution] | None = None


class RankUsage(BaseModel):
    """What the answer took."""

    tokens: int
    encoded_texts: int
    cached_items: int = Field(description="candidates whose vectors came from the feature store")
    missing_items: int
    truncated_texts: int = Field(description="embedded texts of which the model read only the beginning")


class RankTiming(BaseModel):
    """Where the time went, in milliseconds."""

    total: float
    features: float
    encode: float = Field(description="waiting for a free thread included")
    score: float


class RankResponse(BaseModel):
    """The candidates in order."""

    request_id: str
    model: str
    results: list[RankResult]
    degraded: list[Degradation] = Field(description="what could not be used; empty when all is well")
    usage: RankUsage
    timing_ms: RankTiming


class NewItem(_Request):
    """An item to remember: a text, or a title with or without a description."""

    id: ItemId
    text: str | None = None
    title: str | None = None
    description: str | None = None
    category: Category | None = None

    @model_validator(mode="after")
    def _check_text(self) -> Self:
        if (self.text is None) == (self.title is None):
            raise ValueError("an item needs either a text or a title")
        if self.text is not None and self.description is not None:
            raise ValueError("a description goes with a title, not with a text")
        if not _has_words(self.text or self.title):
            raise ValueError("the text or title must not be blank")
        return self


class ItemsRequest(_Request):
    """Items to embed and remember."""

    request_id: RequestId | None = None
    items: list[NewItem] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_items(self) -> Self:
        _refuse_repeats([one.id for one in self.items], "items")
        return self


class ItemsUsage(BaseModel):
    """What embedding the items took."""

    tokens: int
    encoded_texts: int


class ItemsResponse(BaseModel):
    """What was remembered."""

    request_id: str
    model: str
    stored: int
    truncated: list[str] = Field(description="ids of items of whose texts the model read only the beginning")
    degraded: list[Degradation] = Field(description="feature_store: only this process remembers the items")
    usage: ItemsUsage
