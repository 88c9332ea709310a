"""`POST /v1/embeddings`, in OpenAI's shape: https://platform.openai.com/docs/api-reference/embeddings/create.

Clients of that shape send more than is read here; what is not known is passed over.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.schemas.base import WHOLE


class EmbeddingsRequest(BaseModel):
    """Texts to embed."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    model: str = Field(default="", description="any name: the answer says which model it was")
    input: str | Annotated[list[str], Field(min_length=1)] = Field(description="a text or several; no token ids")
    encoding_format: Literal["float", "base64"] = Field(
        default="float", description="base64: of the little-endian float32 numbers"
    )
    dimensions: Annotated[int, WHOLE] | None = Field(
        default=None, description="if given, what the model has: it makes no other vectors"
    )

    @property
    def texts(self) -> list[str]:
        """The texts, one or several."""
        return [self.input] if isinstance(self.input, str) else self.input


@dataclass(slots=True)
class Embedding:
    """A text's vector, of unit length."""

    index: int
    embedding: list[float] | str
    object: Literal["embedding"] = "embedding"


@dataclass(slots=True)
class EmbeddingsUsage:
    """What the model read."""

    prompt_tokens: int
    total_tokens: int


@dataclass(slots=True)
class EmbeddingsResponse:
    """The vectors, in the order of the texts."""

    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage
    object: Literal["list"] = "list"
