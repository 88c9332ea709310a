"""Requests and answers of `POST /v1/classify`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

from service.api.schemas.base import HAS_WORDS, WHOLE, RequestId, StrictRequest, requiring
from service.text.cleaning import has_words

_TEXTS, _PAIRS = "<texts>", "<pairs>"


def _check_words(text: str) -> str:
    if not has_words(text):
        raise ValueError("the text must not be blank")
    return text


def _texts_or_pairs(inputs: object) -> str:
    """The branch of the union that the first input belongs to: errors are then reported for that one alone."""
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
            ],
            "oneOf": [requiring(head={"type": "string"}), requiring(heads={"type": "array"})],
        }
    )

    request_id: RequestId | None = None
    head: AskedHead | None = Field(
        default=None, description="a head, a pack or a task model that GET /v1/info lists; or several, as `heads`"
    )
    heads: Annotated[list[AskedHead], Field(min_length=1, max_length=16)] | None = Field(
        default=None,
        description="instead of `head`: several, each once; all classify what `inputs` are, texts or pairs",
        json_schema_extra={"uniqueItems": True},
    )
    inputs: Annotated[Texts | Pairs, Discriminator(_texts_or_pairs)] = Field(
        description="texts; for a head for pairs, pairs of texts, whose order makes no difference to a head, but to a "
        "pack and to a task model, which read pairs jointly"
    )
    top_k: Annotated[int, Field(ge=1), WHOLE] | None = Field(
        default=None, description="return this many of the likeliest classes, or all where there are fewer"
    )


@dataclass(slots=True)
class ClassScore:
    """A class and its probability."""

    label: str
    probability: float


@dataclass(slots=True)
class ClassifyResult:
    """The likeliest class of an input, by one head, or its grade; an unreadable input has none."""

    index: Annotated[int, Field(description="index of the input in the request, from 0")]
    status: Annotated[
        Literal["ok", "unreadable"],
        Field(description="unreadable: the model's vocabulary knows no token of a text; then there is no label"),
    ]
    probability: Annotated[float, Field(description="0 where there is no label")]
    label: Annotated[str | None, Field(description="absent where the input is unreadable, and beside a grade")] = None
    top: Annotated[
        list[ClassScore] | None, Field(description="the likeliest classes, the likeliest first; absent without top_k")
    ] = None
    head: Annotated[str | None, Field(description="the name of the head; absent unless `heads` were asked for")] = None
    grade: Annotated[
        float | None, Field(description="by a task model that grades, on the scale of its examples; absent otherwise")
    ] = None


@dataclass(slots=True)
class ClassifyUsage:
    """The work that the answer took."""

    tokens: int
    encoded_texts: Annotated[
        int, Field(description="a pair that is read jointly counts as one; linear heads share their texts")
    ]
    truncated_texts: Annotated[int, Field(description="texts of which the model read only the beginning")]
    unreadable_texts: Annotated[int, Field(description="texts of which the model's vocabulary knows no token")]


@dataclass(slots=True)
class ClassifyTiming:
    """The time that the answer took, in milliseconds."""

    total: float
    encode: Annotated[float, Field(description="includes the wait for a free thread")]
    score: float


@dataclass(slots=True, kw_only=True)
class ClassifyResponse:
    """The inputs' classes, in the inputs' order; of several heads, first all those by the first head."""

    request_id: str
    model: str
    head: Annotated[
        str | None, Field(description="its name and the beginning of its revision; absent if `heads` were asked for")
    ] = None
    heads: Annotated[
        list[str] | None, Field(description="the same of each head, in the request's order, if `heads` were asked for")
    ] = None
    results: list[ClassifyResult]
    usage: ClassifyUsage
    timing_ms: ClassifyTiming
