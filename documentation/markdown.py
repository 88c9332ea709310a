"""Pieces of Markdown."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells may hold any Markdown that fits in a line."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell(one) for one in line)} |\n" for line in lines)


def cell(text: str) -> str:
    """A text as it may stand in a table: in one line, without bare vertical bars."""
    return " ".join(text.split()).replace("|", "\\|")


def sentence(text: str) -> str:
    """A text that begins like a sentence and ends without a full stop, as cells of a table do."""
    words = " ".join(text.split()).rstrip(".")
    return words[:1].upper() + words[1:]


def code(text: str) -> str:
    """A text as code."""
    return f"`{text}`"


def fence(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"
