"""Makes text that others wrote fit for a terminal and a log."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, ValidationError

LONGEST_SHOWN = 300
_SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, most: int = LONGEST_SHOWN) -> str:
    """The text as one line of at most `most` characters.

    Control characters, which can steer a terminal, direction marks, which can make a line read as another one, and lone
    surrogates are replaced.
    """
    shown = "".join(one if one.isprintable() else " " if one.isspace() else _SUBSTITUTE for one in text[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _is_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that can't be printed")
    return text


Label = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_is_printable)]
"""A name."""

Line = Annotated[str, StringConstraints(max_length=16_384), AfterValidator(_is_printable)]
"""A line of text."""


def first_reason(error: ValidationError) -> str:
    """The first error of a document and its field, whose name may come from the document."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return printable(f"{where or 'document'}: {first['msg']}")
