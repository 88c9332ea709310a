"""Texts as the tokenizer is given them: entities undone, controls blank, of a bounded length."""

import re
from html.entities import name2codepoint

from service.text.characters import CONTROLS

MAX_CHARACTERS = 8192
"""What follows is beyond what any model reads, unless the text is mostly blanks."""

_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,7}));")
_NAMED = {**name2codepoint, "apos": ord("'")}  # HTML 4's, and XML's own
_ROUNDS = 2  # catalogues hold `&amp;quot;`, escaped once too often
_find_control = re.compile(f"[{CONTROLS}]").search
_blank_controls = re.compile(f"[{CONTROLS}]").sub


def prepared(text: str) -> str:
    """The first `MAX_CHARACTERS` of a text, ready to be split.

    Lone surrogates, which no UTF-8 can hold, become question marks.
    """
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    for _ in range(_ROUNDS):
        if "&" not in text:
            break
        text = _ENTITY.sub(_character, text)
    return _blank_controls(" ", text) if _find_control(text) else text


def _character(entity: re.Match[str]) -> str:
    """What an entity stands for; one that stands for no character is left as it is."""
    decimal, hexadecimal, name = entity.groups()
    point = _NAMED.get(name) if name else int(decimal or hexadecimal, 10 if decimal else 16)
    if point is None or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        return entity[0]
    if 0x80 <= point < 0xA0:  # browsers, and so the authors of pages, take these for Windows' characters
        return bytes([point]).decode("cp1252", "replace")
    return chr(point)
