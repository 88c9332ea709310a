"""Every code point is cleaned, decomposed, composed and split by the core as by the service."""

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Sequence

import pytest

from service.artifact.artifact import TokenizerRules
from service.text.characters import SYMBOLS
from tests.device.tokenizers import V1, V2, Pair, Shape

_POINTS_OF_A_VOCABULARY, _POINTS_OF_A_ROW = 0x5000, 150
_PLANE = 0x10000
_SURROGATES = range(0xD800, 0xE000)
_SPARSE = range(4 * _PLANE, 0x110000)  # planes of which each code point is like its neighbours
_STRIDE = 101
_SPELT_ELSEWHERE = range(0xE0000, 0xE0200)  # tags and variation selectors
_is_symbol = re.compile(f"[{SYMBOLS}]").fullmatch

CHARACTERS = [
    chr(point)
    for point in range(0x110000)
    if point not in _SURROGATES and (point not in _SPARSE or point in _SPELT_ELSEWHERE or point % _STRIDE == 0)
]


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
        pair.check_rows([[text] for text in _texts(block)])
        pair.device.free()


def _spellings(character: str) -> set[str]:
    """The letters that a character may consist of."""
    forms = (character, *(unicodedata.normalize(form, character) for form in ("NFD", "NFKC", "NFKD")))
    return {letter for form in forms for cased in (form, form.lower()) for letter in cased}


def _texts(characters: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(characters), _POINTS_OF_A_ROW):
        yield "".join(f" {one} a{one}b 1{one}" for one in characters[start : start + _POINTS_OF_A_ROW])


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
    """Of each block of like characters, one in several."""
    like = [one for one in CHARACTERS if "\u3400" <= one <= "\ud7a3" or one > "\U0001ffff"]
    others = sorted({*CHARACTERS} - {*like})
    check(core, [*others, *like[::40]], rules, odd=True)
