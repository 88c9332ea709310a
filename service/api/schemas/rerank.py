"""Requests and answers of `POST /v1/rerank` and `/v2/rerank`, as in Cohere's and Jina's APIs.

https://docs.cohere.com/reference/rerank, https://api.jina.ai/redoc#tag/rerank. Unknown fields are ignored: clients of
those APIs send more than is used here.
"""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.api.schemas.base import HAS_WORDS, WHOLE
from service.text.cleaning import has_words


class Document(BaseModel):
    """A document as an object; its text is used, other fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    text: str


class RerankRequest(BaseModel):
    """Documents to rank for a query."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    model: str = Field(default="", description="ignored: the answer names the model")
    query: Annotated[str, Field(json_schema_extra=HAS_WORDS)]
    documents: Annotated[list[str | Document], Field(min_length=1)]
    top_n: Annotated[int, Field(ge=1), WHOLE] | None = None
    return_documents: bool = False

    @field_validator("query")
    @classmethod
    def _check_query(cls, query: str) -> str:
        if not has_words(query):
            raise ValueError("the query must not be blank")
        return query

    @property
    def texts(self) -> list[str]:
        """Texts of the documents."""
        return [one if isinstance(one, str) else one.text for one in self.documents]


@dataclass(slots=True)
class ReturnedDocument:
    """A returned document."""

    text: str


@dataclass(slots=True)
class RerankResult:
    """A ranked document."""

    index: Annotated[int, Field(description="index among the request's documents, from 0")]
    relevance_score: Annotated[float, Field(description="cosine similarity with the query, at least 0")]
    document: ReturnedDocument | None = None


@dataclass(slots=True)
class ApiVersion:
    """The version of Cohere's API."""

    version: str


@dataclass(slots=True)
class BilledUnits:
    """Always 0: nothing is billed, but clients read it."""

    search_units: float = 0


@dataclass(slots=True)
class RerankMeta:
    """Metadata for Cohere's clients."""

    api_version: ApiVersion
    billed_units: BilledUnits = field(default_factory=BilledUnits)


@dataclass(slots=True)
class RerankUsage:
    """The tokens that the model read, for Jina's clients."""

    total_tokens: int
    unreadable_texts: int  # of the query and the documents, those of which the model's vocabulary knows no token


@dataclass(slots=True)
class RerankResponse:
    """The ranked documents, best first."""

    id: str
    model: str
    results: list[RerankResult]
    meta: RerankMeta
    usage: RerankUsage
