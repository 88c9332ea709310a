"""What all shapes share.

A field that is not known is refused, so that a misspelt one is told, not ignored; and so is a number sent as a text, or
a truth as a number: what the OpenAPI document says is what is taken.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict, JsonValue

from service.api.middleware.request_id import REQUEST_ID_PATTERN
from service.text.cleaning import WORD_PATTERN

RequestId = Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


# To JSON Schema, and to languages that know only one kind of number, 3.0 is a whole number too.
WHOLE = BeforeValidator(_whole)
Finite = Annotated[float, Field(allow_inf_nan=False)]

# What JSON Schema can say of the rules that validators check, so that the OpenAPI document says it too.
HAS_WORDS: JsonDict = {"type": "string", "pattern": WORD_PATTERN}
NOTHING: JsonDict = {"type": "null"}


class StrictRequest(BaseModel):
    """A request whose every field is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=True)


def requiring(**fields: JsonDict) -> JsonDict:
    """JSON Schema of an object: what is required is so far as it says, and absent fields may be null."""
    required: list[JsonValue] = [name for name, schema in fields.items() if schema is not NOTHING]
    return {"properties": dict(fields), "required": required}


def refuse_repeats(ids: list[str], name: str) -> None:
    """Say where, never what: a message must not repeat what the client sent.

    Raises:
        ValueError: an id comes twice.
    """
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for position, one in enumerate(ids):
        if first.setdefault(one, position) != position:
            raise ValueError(f"ids must be unique: {name}[{position}] repeats {name}[{first[one]}]")
