"""Kinds of characters, and how texts are split at them, asked of `tokenizers` itself, character by character."""

import hashlib
import re
import sys
from collections.abc import Callable, Mapping

from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from service.artifact.artifact import TokenizerRules
from service.text.characters import COMPATIBILITY, CONTROLS, SUPERSCRIPT_DIGITS, SYMBOLS
from service.text.wordpiece import build_tokenizer

_SURROGATES = range(0xD800, 0xE000)
_BLOCK = 64
_AMONG = ("{}", "a{}a", "5{}5")

Ranges = list[tuple[int, int]]


def kinds_of_characters() -> dict[str, Ranges]:
    """By kind, the first and last code points of the ranges that are of it."""
    cleaned = _normalizer(clean_text=True).normalize_str
    spaced = _normalizer(handle_chinese_chars=True).normalize_str
    stripped = _normalizer(strip_accents=True).normalize_str
    split = BertPreTokenizer().pre_tokenize_str
    return {
        "removed": _ranges(lambda one: cleaned(f"a{one}a") == "aa"),
        "blank": _ranges(lambda one: cleaned(f"a{one}a") == "a a"),
        "ideograph": _ranges(lambda one: spaced(one) != one),
        "mark": _ranges(lambda one: stripped(f"a{one}") == "a"),
        "punctuation": _ranges(lambda one: len(split(f"a{one}a")) == 3),
        "control": _ranges(_is_of(CONTROLS)),
        "compatibility": _ranges(_is_of(COMPATIBILITY)),
        "power": _ranges(_is_of(SUPERSCRIPT_DIGITS)),
        "symbol": _ranges(_is_of(SYMBOLS)),
    }


def words_of_characters(vocabulary: Mapping[str, int], rules: TokenizerRules) -> list[str]:
    """The beginning of the SHA-256 over the words of each 64 code points, in their order.

    Each stands in the text alone, between letters and between digits; the words are joined by NUL.
    """
    tokenizer = build_tokenizer(vocabulary, rules)
    digests = []
    for start in range(0, sys.maxunicode + 1, _BLOCK):
        block = [chr(point) for point in range(start, start + _BLOCK) if point not in _SURROGATES]
        text = " ".join(among.format(one) for one in block for among in _AMONG)
        words = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text))
        digests.append(hashlib.sha256("\0".join(word for word, _ in words).encode()).hexdigest()[:8])
    return digests


def _is_of(characters: str) -> Callable[[str], bool]:
    found = re.compile(f"[{characters}]").fullmatch
    return lambda one: found(one) is not None


def _normalizer(
    *, clean_text: bool = False, handle_chinese_chars: bool = False, strip_accents: bool = False
) -> BertNormalizer:
    return BertNormalizer(
        clean_text=clean_text, handle_chinese_chars=handle_chinese_chars, strip_accents=strip_accents, lowercase=False
    )


def _ranges(belongs: Callable[[str], bool]) -> Ranges:
    ranges: Ranges = []
    for point in range(sys.maxunicode + 1):
        if point in _SURROGATES or not belongs(chr(point)):
            continue
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return ranges
