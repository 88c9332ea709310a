"""`POST /v1/rerank` and `/v2/rerank`, in the shape of Cohere's and Jina's.

https://docs.cohere.com/reference/rerank, https://api.jina.ai/redoc#tag/rerank.

Clients of those shapes send more than is read here; what is not known is passed over.
"""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.api.schemas.base import HAS_WORDS, WHOLE
from service.text.cleaning import has_words


class Document(BaseModel):
    """A document that is an object; its text is read, the rest passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    text: str


class RerankRequest(BaseModel):
    """Documents to put in order for a query."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    model: str = Field(default="", description="any name: the answer says which model it was")
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
        """The documents' texts."""
        return [one if isinstance(one, str) else one.text for one in self.documents]


@dataclass(slots=True)
class ReturnedDocument:
    """A document as it was sent."""

    text: str


@dataclass(slots=True)
class RerankResult:
    """A document in its place."""

    index: Annotated[int, Field(description="its place among the request's documents, from 0")]
    relevance_score: Annotated[float, Field(description="the cosine with the query, at least 0")]
    document: ReturnedDocument | None = None


@dataclass(slots=True)
class ApiVersion:
    """Which of Cohere's shapes this is."""

    version: str


@dataclass(slots=True)
class BilledUnits:
    """Nothing is billed; clients read it."""

    search_units: float = 0


@dataclass(slots=True)
class RerankMeta:
    """What Cohere's clients read beside the results."""

    api_version: ApiVersion
    billed_units: BilledUnits = field(default_factory=BilledUnits)


@dataclass(slots=True)
class RerankUsage:
    """What the model read; Jina's clients ask."""

    total_tokens: int
    unreadable_texts: int  # of the query and the documents, those of which the model's vocabulary knows nothing


@dataclass(slots=True)
class RerankResponse:
    """The documents in order, the best first."""

    id: str
    model: str
    results: list[RerankResult]
    meta: RerankMeta
    usage: RerankUsage
