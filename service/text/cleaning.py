"""Text clean-up before tokenization: HTML entities decoded, control characters blanked, length bounded."""

import re
from html.entities import name2codepoint

from service.text.characters import CONTROLS

MAX_CHARACTERS = 8192
"""Characters of a text that are looked at. No model reads further, unless the text is mostly blanks."""

WORD_PATTERN = r"[^\s\x00-\x1f\x7f-\x9f\ufeff]"
"""A character that can be read; spaces, control characters and byte order marks can't. Also valid in JSON Schema."""

_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,7}));")
_NAMED = {**name2codepoint, "apos": ord("'")}  # HTML 4's, and XML's own
_ROUNDS = 2  # catalogues contain `&amp;quot;`, escaped once too often
_find_control = re.compile(f"[{CONTROLS}]").search
_blank_controls = re.compile(f"[{CONTROLS}]").sub
_find_word = re.compile(WORD_PATTERN).search


def has_words(text: str | None) -> bool:
    """Whether a text contains anything to read."""
    return text is not None and _find_word(text) is not None


def clean(text: str) -> str:
    """Return the first `MAX_CHARACTERS` of a text, ready for the tokenizer.

    Lone surrogates, which UTF-8 can't encode, become question marks.
    """
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    for _ in range(_ROUNDS):
        if "&" not in text:
            break
        text = _ENTITY.sub(_decode_entity, text)
    return _blank_controls(" ", text) if _find_control(text) else text


def _decode_entity(entity: re.Match[str]) -> str:
    """The character of an entity; the entity itself if it names none."""
    decimal, hexadecimal, name = entity.groups()
    point = _NAMED.get(name) if name else int(decimal or hexadecimal, 10 if decimal else 16)
    if point is None or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        return entity[0]
    if 0x80 <= point < 0xA0:  # browsers, and therefore page authors, read these as Windows-1252
        return bytes([point]).decode("cp1252", "replace")
    return chr(point)
