"""Text that somebody else wrote, made fit for a terminal and a log."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, ValidationError

LONGEST_TOLD = 300
_SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, most: int = LONGEST_TOLD) -> str:
    """The text in one line of at most so many characters.

    Controls, with which a terminal can be steered, marks of direction, with which a line can be made to read as another
    one, and halves of characters are replaced.
    """
    told = "".join(one if one.isprintable() else " " if one.isspace() else _SUBSTITUTE for one in text[: most + 1])
    return told if len(told) <= most else f"{told[: most - 1]}…"


def _is_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that can't be printed")
    return text


Label = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_is_printable)]
"""What something is called."""

Line = Annotated[str, StringConstraints(max_length=16_384), AfterValidator(_is_printable)]
"""Something that is told in a line."""


def first_reason(error: ValidationError) -> str:
    """Where a document is first not what it should be, and why; fields' names may be whoever's who wrote it."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return printable(f"{where or 'document'}: {first['msg']}")
