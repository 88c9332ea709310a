"""Types that all requests share.

Validation is strict, as the OpenAPI document says: unknown fields are refused, so that a misspelt one is reported, and
so are numbers sent as texts, or booleans sent as numbers.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict, JsonValue

from service.text.cleaning import WORD_PATTERN

REQUEST_ID_PATTERN = r"^[A-Za-z0-9._:\-]{1,128}$"
RequestId = Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


# In JSON Schema, and in languages with one type of number, 3.0 is an integer too.
WHOLE = BeforeValidator(_whole)
Finite = Annotated[float, Field(allow_inf_nan=False)]

# The rules of validators as far as JSON Schema can express them, for the OpenAPI document.
HAS_WORDS: JsonDict = {"type": "string", "pattern": WORD_PATTERN}
NOTHING: JsonDict = {"type": "null"}


class StrictRequest(BaseModel):
    """A request without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=True)


def requiring(**fields: JsonDict) -> JsonDict:
    """JSON Schema of an object that requires these fields, except those given as `NOTHING`, which may only be null."""
    required: list[JsonValue] = [name for name, schema in fields.items() if schema is not NOTHING]
    return {"properties": dict(fields), "required": required}


def refuse_repeats(ids: list[str], name: str) -> None:
    """Check that ids are unique. The message has positions only: it must not repeat what the client sent.

    Raises:
        ValueError: an id is repeated.
    """
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for position, one in enumerate(ids):
        if first.setdefault(one, position) != position:
            raise ValueError(f"ids must be unique: {name}[{position}] repeats {name}[{first[one]}]")
