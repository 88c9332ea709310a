"""Reading docstrings in Google's style."""

import inspect
import re

_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$", re.MULTILINE)
_ENTRY = re.compile(r"^    (\w+(?:, \w+)*): (.*)$")


def summary(docstring: str | None) -> str:
    """What stands before the first section, paragraphs kept; empty without a docstring."""
    return _SECTION.split(inspect.cleandoc(docstring or ""))[0].strip()


def entries(docstring: str | None, section: str) -> dict[str, str]:
    """The entries of a section such as `Attributes`, by name; names that share an entry have the same text."""
    parts = _SECTION.split(inspect.cleandoc(docstring or ""))
    bodies = dict(zip(parts[1::2], parts[2::2], strict=True))
    found: dict[str, str] = {}
    names: list[str] = []
    for line in bodies.get(section, "").splitlines():
        entry = _ENTRY.match(line)
        if entry is not None:
            names = entry[1].split(", ")
            found.update(dict.fromkeys(names, entry[2].strip()))
        elif line.strip():
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return found
