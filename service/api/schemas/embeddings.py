"""Requests and answers of `POST /v1/embeddings`, as in OpenAI's API.

https://platform.openai.com/docs/api-reference/embeddings/create. Unknown fields are ignored: clients of that API send
more than is used here.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.schemas.base import WHOLE


class EmbeddingsRequest(BaseModel):
    """Texts to embed."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    model: str = Field(default="", description="ignored: the answer names the model")
    input: str | Annotated[list[str], Field(min_length=1)] = Field(description="one text or several; not token ids")
    encoding_format: Literal["float", "base64"] = Field(
        default="float", description="base64: of the little-endian float32 numbers"
    )
    dimensions: Annotated[int, WHOLE] | None = Field(
        default=None, description="if given, the dimension of the model: it has no other"
    )

    @property
    def texts(self) -> list[str]:
        """The texts as a list."""
        return [self.input] if isinstance(self.input, str) else self.input


@dataclass(slots=True)
class Embedding:
    """The vector of a text, of unit length."""

    index: int
    embedding: list[float] | str
    object: Literal["embedding"] = "embedding"


@dataclass(slots=True)
class EmbeddingsUsage:
    """The tokens that the model read."""

    prompt_tokens: int
    total_tokens: int


@dataclass(slots=True)
class EmbeddingsResponse:
    """The vectors, in the order of the texts."""

    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage
    object: Literal["list"] = "list"
