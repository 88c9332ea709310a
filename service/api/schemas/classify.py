"""`POST /v1/classify`: what clients send and get."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

from service.api.schemas.base import HAS_WORDS, WHOLE, RequestId, StrictRequest
from service.text.cleaning import has_words

_TEXTS, _PAIRS = "<texts>", "<pairs>"


def _check_words(text: str) -> str:
    if not has_words(text):
        raise ValueError("the text must not be blank")
    return text


def _texts_or_pairs(inputs: object) -> str:
    """Which of the two the first input says they are: what is wrong is then told of that one alone."""
    return _PAIRS if isinstance(inputs, list) and inputs and isinstance(inputs[0], list) else _TEXTS


ReadText = Annotated[str, AfterValidator(_check_words), Field(json_schema_extra=HAS_WORDS)]
Pair = Annotated[list[ReadText], Field(min_length=2, max_length=2)]
Texts = Annotated[list[ReadText], Field(min_length=1), Tag(_TEXTS)]
Pairs = Annotated[list[Pair], Field(min_length=1), Tag(_PAIRS)]
AskedHead = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ClassifyRequest(StrictRequest):
    """Texts or pairs of texts to classify."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"head": "banking77", "inputs": ["My card has not arrived yet.", "How do I top up?"], "top_k": 3},
            ]
        }
    )

    request_id: RequestId | None = None
    head: AskedHead = Field(description="a head that GET /v1/info lists")
    inputs: Annotated[Texts | Pairs, Discriminator(_texts_or_pairs)] = Field(
        description="texts; for a head of pairs, pairs of texts, whose order makes no difference"
    )
    top_k: Annotated[int, Field(ge=1), WHOLE] | None = Field(
        default=None, description="tell so many of the likeliest classes, or all where there are fewer"
    )


@dataclass(slots=True)
class ClassScore:
    """A class and how likely it is."""

    label: str
    probability: float


@dataclass(slots=True)
class ClassifyResult:
    """The likeliest class of an input; of one that can't be read there is none."""

    index: Annotated[int, Field(description="the input's place in the request, from 0")]
    status: Annotated[
        Literal["ok", "unreadable"],
        Field(description="unreadable: the model's vocabulary knows nothing of a text; then there is no label"),
    ]
    probability: Annotated[float, Field(description="0 where there is no label")]
    label: Annotated[str | None, Field(description="absent where the input is unreadable")] = None
    top: Annotated[
        list[ClassScore] | None, Field(description="the likeliest classes, the likeliest first; absent without top_k")
    ] = None


@dataclass(slots=True)
class ClassifyUsage:
    """What the answer took."""

    tokens: int
    encoded_texts: int
    truncated_texts: Annotated[int, Field(description="texts of which the model read only the beginning")]
    unreadable_texts: Annotated[int, Field(description="texts of which the model's vocabulary knows nothing")]


@dataclass(slots=True)
class ClassifyTiming:
    """Where the time went, in milliseconds."""

    total: float
    encode: Annotated[float, Field(description="waiting for a free thread included")]
    score: float


@dataclass(slots=True)
class ClassifyResponse:
    """The inputs' classes, in the inputs' order."""

    request_id: str
    model: str
    head: Annotated[str, Field(description="its name and the beginning of its revision")]
    results: list[ClassifyResult]
    usage: ClassifyUsage
    timing_ms: ClassifyTiming
