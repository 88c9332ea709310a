"""What a word is, in scripts with blanks between words and in Chinese, which has none.

BERT's normaliser sets a blank on both sides of every CJK character, so that each is a word of its own; so it is here.
"""

import re

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f"
"""The characters that BERT's normaliser sets apart, for a regular expression's class."""

_CHARACTER = re.compile(f"[{CJK}]")
_WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+")
_BLANK = re.compile(rf"(?<=[{CJK}])\s+(?=[{CJK}])")
_RUN = re.compile(rf"[{CJK}]+|[^\W{CJK}]+")
_CHARACTERS_OF_A_WORD = 2  # of a Chinese text, about


def has_cjk(text: str) -> bool:
    """Whether a text has a CJK character."""
    return _CHARACTER.search(text) is not None


def split_words(text: str) -> list[str]:
    """Runs of letters and digits, and each CJK character alone."""
    return _WORD.findall(text)


def count_words(text: str) -> int:
    """How long a text is: what stands between blanks counts as a word, and so do every two CJK characters."""
    characters = len(_CHARACTER.findall(text))
    return len(_CHARACTER.sub(" ", text).split()) + -(-characters // _CHARACTERS_OF_A_WORD)


def compared_words(text: str) -> set[str]:
    """What two texts share if they say the same: their words, whatever their order.

    Of a run of CJK characters these are the pairs of neighbours: single characters, whatever their order, would make
    one text of many. A blank between two of them says nothing.
    """
    found: set[str] = set()
    for run in _RUN.findall(_BLANK.sub("", text)):
        pairs = {run[place : place + 2] for place in range(len(run) - 1)} if has_cjk(run) else set()
        found |= pairs or {run}
    return found
