"""Every code point is cleaned, decomposed, composed and split by the core as by the service."""

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Sequence

import pytest

from service.artifact.artifact import TokenizerRules
from service.text.characters import SYMBOLS
from tests.device.tokenizers import V1, V2, Pair, Shape

_POINTS_OF_A_VOCABULARY, _POINTS_OF_A_ROW = 0x5000, 100
_ALL = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
_is_symbol = re.compile(f"[{SYMBOLS}]").fullmatch

# Ranges of which each character is like its neighbours, and how many of them are taken: one in so many.
_ALIKE = {
    range(0x3400, 0xA000): 5,  # ideographs
    range(0xAC00, 0xD7A4): 5,  # Hangul syllables, decomposed by arithmetic
    range(0xE000, 0xF900): 17,  # private use
    range(0x20000, 0x2F800): 17,  # ideographs
    range(0x2FB00, 0xE0000): 101,  # more of them, and planes without characters
    range(0xE0200, 0x110000): 101,  # private use
}


def _is_taken(character: str) -> bool:
    return all(ord(character) not in some or ord(character) % one == 0 for some, one in _ALIKE.items())


CHARACTERS = list(filter(_is_taken, _ALL))


def check(core: ctypes.CDLL, characters: Sequence[str], rules: TokenizerRules, *, odd: bool) -> None:
    """Alone, between two letters and after a digit; the vocabulary has what they may become.

    `odd`: of symbols, it knows those with odd code points; else those with even ones.
    """
    for start in range(0, len(characters), _POINTS_OF_A_VOCABULARY):
        block = characters[start : start + _POINTS_OF_A_VOCABULARY]
        known = {
            letter for one in block for letter in _spellings(one) if not _is_symbol(letter) or ord(letter) % 2 == odd
        }
        letters = sorted(known - {"\n"} | set("ab1"))
        pair = Pair(core, Shape.of([*letters, *(f"##{letter}" for letter in letters)], rules, max_length=2048))
        texts = list(_texts(block))
        assert not any(row.truncated for row in pair.check_rows([[text] for text in texts]))
        pair.device.free()


def _spellings(character: str) -> set[str]:
    """The letters that a character may consist of."""
    forms = (character, *(unicodedata.normalize(form, character) for form in ("NFD", "NFKC", "NFKD")))
    return {letter for form in forms for cased in (form, form.lower()) for letter in cased}


def _texts(characters: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(characters), _POINTS_OF_A_ROW):
        yield "".join(f" {one} a{one}b 1{one}" for one in characters[start : start + _POINTS_OF_A_ROW])


@pytest.mark.slow
def test_every_character(core: ctypes.CDLL) -> None:
    check(core, CHARACTERS, V2, odd=True)


def test_other_symbols(core: ctypes.CDLL) -> None:
    check(core, [one for one in CHARACTERS if _is_symbol(one)], V2, odd=False)


@pytest.mark.parametrize(
    "rules",
    [
        V1,
        V1.model_copy(update={"lowercase": False, "strip_accents": False}),
        V2.model_copy(update={"lowercase": False}),
        V2.model_copy(update={"strip_accents": False}),
    ],
    ids=["version 1", "version 1, as it is", "upper case", "accents"],
)
def test_characters_by_other_rules(core: ctypes.CDLL, rules: TokenizerRules) -> None:
    check(core, CHARACTERS[rules.version :: 5], rules, odd=True)
