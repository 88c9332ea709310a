"""What all shapes share. A field that is not known is refused, so that a misspelt one is told, not ignored."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.middleware.request_id import REQUEST_ID_PATTERN

ItemId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=64)]
RequestId = Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class StrictRequest(BaseModel):
    """A request whose every field is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def has_words(text: str | None) -> bool:
    """Whether there is something in a text to read."""
    return text is not None and bool(text.strip())


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
