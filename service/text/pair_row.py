"""The tokens of a text or of a pair as one row, as BERT reads them jointly."""

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """A row of token ids, special tokens included.

    Attributes:
        second: the place where the second text begins; the row's length if there is none.
        truncated: whether tokens were cut off.
    """

    ids: list[int]
    second: int
    truncated: bool


def joined(texts: Sequence[Sequence[int]], start: int, end: int, max_length: int) -> Row:
    """Join one or two texts' token ids to `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`.

    A row that is too long loses tokens from the end of its longer text, then from both in turn: the shorter text stays
    whole as long as it has at most half of the room.
    """
    room = max_length - 1 - len(texts)
    kept = _kept([len(text) for text in texts], room)
    ids = [start]
    places = []
    for text, count in zip(texts, kept, strict=True):
        places.append(len(ids))
        ids += [*text[:count], end]
    second = places[1] if len(places) > 1 else len(ids)
    return Row(ids, second, truncated=sum(kept) < sum(map(len, texts)))


def _kept(lengths: Sequence[int], room: int) -> list[int]:
    """Number of tokens kept of each text."""
    if sum(lengths) <= room:
        return list(lengths)
    if len(lengths) == 1:
        return [room]
    first, second = lengths
    if first <= room // 2:
        return [first, room - first]
    if second <= room // 2:
        return [room - second, second]
    return [room - room // 2, room // 2]
