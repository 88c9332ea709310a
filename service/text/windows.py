"""Windows: long texts in parts of the model's maximum length.

Each window after the first begins with the text's first tokens, its title, as context. (On training data, msrd's
NDCG@10 by the best window is 0.84 with it and 0.81 without.)
"""

import math
from collections.abc import Sequence
from itertools import pairwise

MOST_WINDOWS = 8
"""Default limit of windows per text."""

TITLE_TOKENS = 8
"""Tokens of a text's beginning that each further window begins with."""

OVERLAP = 4
"""Tokens that consecutive windows share besides the title, so that fewer phrases are cut."""

_LEAST_LONG = 8  # tokens of a long phrase
_PHRASE, _TITLE = 2, 3  # repetitions of a phrase, and of one at the beginning, that count as spam


def capacity(room: int, most: int) -> int:
    """Number of tokens of a text in `most` windows of `room` tokens."""
    title, overlap = _shared(room)
    return room + (most - 1) * (room - title - overlap)


def windows_of(ids: Sequence[int], room: int) -> list[Sequence[int]]:
    """Split a text's tokens into as few windows of up to `room` as possible, of about equal length.

    At least one, possibly empty; special tokens are not among them.
    """
    if len(ids) <= room:
        return [ids]
    title, overlap = _shared(room)
    step = room - title - overlap
    further = math.ceil((len(ids) - room) / step)
    beginning, rest = ids[:title], ids[title:]
    size = math.ceil((len(rest) + further * overlap) / (further + 1))
    last = len(rest) - size
    # Integer arithmetic, halves up: languages round floats differently.
    starts = [(2 * number * last + further) // (2 * further) for number in range(further + 1)]
    return [[*beginning, *rest[start : start + size]] for start in starts]


def without_repetition(ids: Sequence[int], unknown: int = -1) -> Sequence[int]:
    """Remove repeated phrases from a text's tokens.

    A text that repeats one phrase is reduced to that phrase, and so is a long phrase that comes twice in a row. A
    phrase that comes three times in a row, or four times at the beginning, where titles such as "Tora! Tora! Tora!"
    are, is keyword spam, and removed entirely. Occurrences of the unknown token never count as equal.
    """
    if unknown not in ids:
        return _without_repetition(ids)
    distinct = [-1 - place if one == unknown else one for place, one in enumerate(ids)]
    return [unknown if one < 0 else one for one in _without_repetition(distinct)]


def _without_repetition(ids: Sequence[int]) -> Sequence[int]:
    if len(ids) - len(set(ids)) < 2 or len(set(pairwise(ids))) == len(ids) - 1:
        return ids  # a repeated phrase repeats a pair of tokens
    ids = list(ids[: _period_of(ids)])
    kept: list[int] = []
    only: Sequence[int] = ids
    last: dict[int, int] = {}
    start, period = 0, 0  # from `start` on, each token equals the one `period` before
    for place in range(len(ids) + 1):
        if place < len(ids) and period and ids[place - period] == ids[place]:
            last[ids[place]] = place
            continue
        run = ids[start:place]
        if not _repeats(len(run), period):
            kept += run
        elif (
            len(run) >= (_TITLE if start == period else _PHRASE) * period
            and kept[-period:] == ids[start - period : start]
        ):
            only = kept[-period:] if only is ids else only
            del kept[-period:]
        if place < len(ids):
            start, period = place, place - last[ids[place]] if ids[place] in last else 0
            last[ids[place]] = place
    return kept or only


def _period_of(ids: Sequence[int]) -> int:
    """The period of a text that repeats one phrase, in tokens; its length if it does not.

    By the failure function of Knuth, Morris and Pratt: a text whose prefix is also its suffix has a period.
    """
    if ids[0] not in ids[1:]:
        return len(ids)
    borders = [0] * len(ids)
    length = 0
    for place in range(1, len(ids)):
        while length and ids[place] != ids[length]:
            length = borders[length - 1]
        length += ids[place] == ids[length]
        borders[place] = length
    period = len(ids) - borders[-1]
    return period if _repeats(borders[-1], period) else len(ids)


def _repeats(length: int, period: int) -> bool:
    """Whether `length` tokens that equal those `period` before are a repeated phrase."""
    return period > 0 and length >= (1 if period >= _LEAST_LONG else 2) * period


def _shared(room: int) -> tuple[int, int]:
    """Tokens of title and overlap; fewer in small windows, so that most of each is new."""
    return min(TITLE_TOKENS, room // 4), min(OVERLAP, room // 4)
