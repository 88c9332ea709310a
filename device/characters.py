"""What the service's tokenizer does with each character, asked of `tokenizers` itself and of the service's own rules.

`tokenizers` has its categories from Unicode 8, its normal forms from Unicode 9 and its lower case from the Unicode of
its compiler, whatever Unicode this Python has.
"""

import re
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tokenizers.normalizers import NFC, NFD, NFKD, BertNormalizer, Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer

from service.text.characters import COMPATIBILITY, SUPERSCRIPT_DIGITS, SYMBOLS
from service.text.terms import has_meaning

_UNUSED = (range(0xD800, 0xE000), range(0x40000, 0xE0000))  # surrogates; planes without any character
_POINTS = [point for point in range(sys.maxunicode + 1) if not any(point in some for some in _UNUSED)]
_HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic
_BLOCK = 4096
_IOTA = "\u0345"  # the mark that stands behind all others
_ALPHA = "a"

_clean = BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
_space = BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
_strip = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
_nfc, _nfd, _nfkd = NFC().normalize_str, NFD().normalize_str, NFKD().normalize_str
_lowercase = Lowercase().normalize_str
_split = BertPreTokenizer().pre_tokenize_str


@dataclass(frozen=True)
class Decomposition:
    """The first step of a character's decomposition.

    Attributes:
        canonical: whether NFD has it, too.
        composes: whether NFC puts the letters together again.
    """

    letters: tuple[int, ...]
    canonical: bool
    composes: bool


def kinds_of_characters() -> dict[str, set[int]]:
    """The code points of each kind."""
    cleaned = dict(_each(_clean.normalize_str, "\uffff"))
    spaced = _each(_space.normalize_str, "\n")
    symbols = _found(f"[{SYMBOLS}]")
    # The service lets no symbol be known that its Python decomposes, though `tokenizers` may keep it.
    changed = {point for point in symbols if unicodedata.normalize("NFKC", chr(point)) != chr(point)}
    return {
        "removed": {point for point, text in cleaned.items() if text == ""},
        "blank": {point for point, text in cleaned.items() if text == " "},
        "ideograph": {point for point, text in spaced if text == f" {chr(point)} "},
        "mark": {point for point, text in _each(_strip.normalize_str, "\n") if text == ""},
        "punctuation": set(_punctuation()),
        "compatibility": _found(f"[{COMPATIBILITY}]"),
        "power": _found(f"[{SUPERSCRIPT_DIGITS}]"),
        "symbol": symbols,
        "unknowable": changed - {point for point, text in _each(_nfkd, "\n") if text != chr(point)},
        "meaning": {point for point in _POINTS if has_meaning(chr(point))},
    }


def decompositions() -> dict[int, Decomposition]:
    """The characters that `tokenizers` decomposes, but Hangul syllables."""
    canonical, composed = dict(_each(_nfd, "\n")), dict(_each(_nfc, "\n"))
    return {
        point: Decomposition(
            _first_step(chr(point)), canonical[point] != chr(point), composed[point] == chr(point) != canonical[point]
        )
        for point, text in _each(_nfkd, "\n")
        if text != chr(point) and point not in _HANGUL
    }


def orders(decomposed: Collection[int]) -> dict[int, int]:
    """Canonical combining classes, of the characters that have one and are not decomposed."""
    moved = [point for point, text in _each(_nfkd, "\n", before=_ALPHA + _IOTA) if text[:2] != _ALPHA + _IOTA]
    marks = {point: unicodedata.combining(chr(point)) for point in moved if point not in decomposed}
    return {**marks, ord(_IOTA): unicodedata.combining(_IOTA)}


def lowercase() -> dict[int, str]:
    """The characters that have a lower case, with it."""
    return {point: text for point, text in _each(_lowercase, "\n") if text != chr(point)}


def full(point: int, steps: Mapping[int, Decomposition], *, canonical: bool) -> str:
    """The letters of a character's decomposition, by its steps.

    Raises:
        AssertionError: `tokenizers` decomposes it otherwise.
    """
    step = steps.get(point)
    if step is None or (canonical and not step.canonical):
        letters = chr(point)
    else:
        letters = "".join(full(letter, steps, canonical=canonical) for letter in step.letters)
    expected = (_nfd if canonical else _nfkd)(chr(point))
    if letters != expected and point not in _HANGUL:
        raise AssertionError(f"U+{point:04X} is decomposed otherwise")
    return letters


def _first_step(character: str) -> tuple[int, ...]:
    """By this Python's Unicode, since decompositions never change."""
    return tuple(int(part, 16) for part in unicodedata.decomposition(character).split() if not part.startswith("<"))


def _each(changed: Callable[[str], str], separator: str, before: str = "") -> Iterator[tuple[int, str]]:
    """What becomes of each character after those `before` it; the separator must separate whatever stands beside it."""
    for block in _blocks():
        made = changed(separator.join(before + chr(point) for point in block)).split(separator)
        if len(made) != len(block):  # the separator is among the characters, or what they become
            made = [changed(before + chr(point)) for point in block]
        yield from zip(block, made, strict=True)


def _blocks() -> Iterator[list[int]]:
    for start in range(0, len(_POINTS), _BLOCK):
        yield _POINTS[start : start + _BLOCK]


def _punctuation() -> Iterator[int]:
    for block in _blocks():
        pieces = iter(piece for piece, _ in _split(" ".join(f"a{chr(point)}a" for point in block)))
        for point in block:
            # One piece, `a!a`, or three, or two on both sides of a blank.
            if next(pieces) == _ALPHA and next(pieces) == chr(point):
                next(pieces)
                yield point


def _found(characters: str) -> set[int]:
    everything = "".join(map(chr, _POINTS))
    return {ord(one) for one in re.findall(characters, everything)}


def ranges(points: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last of each range of code points."""
    ordered = sorted(points)
    if not ordered:
        return []
    gaps = [(one, other) for one, other in pairwise(ordered) if other != one + 1]
    return list(zip([ordered[0], *(other for _, other in gaps)], [*(one for one, _ in gaps), ordered[-1]], strict=True))
