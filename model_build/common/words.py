"""Words, in scripts with spaces between words and in Chinese, which has none.

Every CJK character is a word of its own, as in BERT: its normaliser puts spaces around each.
"""

import re

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f"
"""The characters that BERT's normaliser separates, for use in a regular expression's class."""

_CHARACTER = re.compile(f"[{CJK}]")
_WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+")
_BLANK = re.compile(rf"(?<=[{CJK}])\s+(?=[{CJK}])")
_RUN = re.compile(rf"[{CJK}]+|[^\W{CJK}]+")
_CHARACTERS_OF_A_WORD = 2  # of a Chinese text, about


def has_cjk(text: str) -> bool:
    """Whether a text has a CJK character."""
    return _CHARACTER.search(text) is not None


def split_words(text: str) -> list[str]:
    """Split a text into runs of letters and digits, and single CJK characters."""
    return _WORD.findall(text)


def count_words(text: str) -> int:
    """Count words: runs between white space; every two CJK characters count as one word."""
    characters = len(_CHARACTER.findall(text))
    return len(_CHARACTER.sub(" ", text).split()) + -(-characters // _CHARACTERS_OF_A_WORD)


def compared_words(text: str) -> set[str]:
    """The set of words by which texts are compared, regardless of order.

    A run of CJK characters counts as its bigrams: unordered single characters would make different texts equal. White
    space between CJK characters is ignored.
    """
    found: set[str] = set()
    for run in _RUN.findall(_BLANK.sub("", text)):
        pairs = {run[place : place + 2] for place in range(len(run) - 1)} if has_cjk(run) else set()
        found |= pairs or {run}
    return found
