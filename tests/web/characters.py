"""Kinds of characters, asked of `tokenizers` itself, character by character."""

import sys
from collections.abc import Callable

from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

_SURROGATES = range(0xD800, 0xE000)

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
    }


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
