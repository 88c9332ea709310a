"""Splitting a JSON text without parsing it, by its commas and brackets.

NumPy looks at all bytes at once and lets the event loop run meanwhile, which no JSON parser does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_QUOTE, _BACKSLASH, _COMMA, _LIST, _LIST_END = b'"\\,[]'
_OPENING, _CLOSING = b"[{", b"]}"
_IN_LIST = 2  # the outermost object, and the list
_MOST_LISTS = 64  # of the outermost object; with more, nothing is split
_PIECE_BYTES, _PIECE_MARKS = 32_768, 2000


@dataclass(frozen=True)
class Outline:
    """The marks of a JSON text: commas and brackets outside strings.

    Attributes:
        places: int64 `[marks]`, offset of each mark, ascending.
        kinds: uint8 `[marks]`, the byte itself.
        depths: int64 `[marks]`, nesting depth after the mark.
    """

    places: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    depths: NDArray[np.int64]


@dataclass(frozen=True)
class SplitBody:
    """A JSON text from which most of one list has been taken out.

    Attributes:
        rest: the text with only the list's first element.
        pieces: the list's other elements, as JSON lists of a few of them each.
        sizes: number of elements of each piece.
    """

    rest: bytes
    pieces: Sequence[bytes] = ()
    sizes: Sequence[int] = ()


def split_list(body: bytes, name: str) -> SplitBody:
    """Split the list of that name, a member of the outermost object; nothing is split unless there is exactly one.

    Invalid JSON gives pieces or a rest that are invalid.
    """
    outline = outline_of(body)
    found = _list_of(body, outline, name)
    if found is None:
        return SplitBody(body)
    first, last = found
    inner = slice(first + 1, last)
    commas = first + 1 + np.flatnonzero((outline.kinds[inner] == _COMMA) & (outline.depths[inner] == _IN_LIST))
    if not len(commas):
        return SplitBody(body)
    bounds = np.append(commas, last)
    edges = _grouped(outline.places[bounds], bounds)
    places = outline.places[bounds[edges]].tolist()
    return SplitBody(
        rest=body[: places[0]] + body[places[-1] :],
        pieces=[b"[" + body[begin + 1 : end] + b"]" for begin, end in pairwise(places)],
        sizes=np.diff(edges).tolist(),
    )


def _grouped(places: NDArray[np.int64], marks: NDArray[np.int64]) -> list[int]:
    """Group elements into as few small pieces as possible, by offset of each bound and the number of marks before it.

    Returns indices into the bounds.
    """
    edges, last = [0], len(places) - 1
    while (begin := edges[-1]) < last:
        ends = (
            np.searchsorted(places, places[begin] + _PIECE_BYTES, side="right"),
            np.searchsorted(marks, marks[begin] + _PIECE_MARKS, side="right"),
        )
        edges.append(max(begin + 1, int(min(ends)) - 1))
    return edges


def outline_of(body: bytes) -> Outline:
    """Find the marks of a JSON text; arbitrary for invalid JSON."""
    data = np.frombuffer(body, dtype=np.uint8)
    quotes = data == _QUOTE
    if b'\\"' in body:
        quotes &= ~_escaped(data)
    inside = np.cumsum(quotes, dtype=np.uint8) & 1  # overflows, and stays odd or even
    # Comparisons release the interpreter lock; looking each byte up in a table would not.
    places = np.flatnonzero(_is_any(data, _OPENING + _CLOSING + b",") & (inside == 0))
    kinds = data[places]
    steps = _is_any(kinds, _OPENING).astype(np.int8) - _is_any(kinds, _CLOSING).astype(np.int8)
    return Outline(places, kinds, np.cumsum(steps, dtype=np.int64))


def _is_any(data: NDArray[np.uint8], wanted: bytes) -> NDArray[np.bool_]:
    found = np.zeros(len(data), dtype=np.bool_)
    for one in wanted:
        found |= data == one
    return found


def _escaped(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True after an odd number of backslashes: bool `[bytes]`."""
    others = np.where(data == _BACKSLASH, 0, np.arange(1, len(data) + 1, dtype=np.int32))
    backslashes = np.arange(1, len(data) + 1, dtype=np.int32) - np.maximum.accumulate(others)
    escaped = np.zeros(len(data), dtype=np.bool_)
    escaped[1:] = backslashes[:-1] & 1
    return escaped


def _list_of(body: bytes, outline: Outline, name: str) -> tuple[int, int] | None:
    """Indices of the marks that are the list's brackets."""
    opened = np.flatnonzero((outline.kinds == _LIST) & (outline.depths == _IN_LIST))
    if not 0 < len(opened) <= _MOST_LISTS or not opened[0]:
        return None
    found = [one for one in opened.tolist() if _key(body[outline.places[one - 1] + 1 : outline.places[one]]) == name]
    if len(found) != 1:
        return None
    closed = np.flatnonzero(outline.depths[found[0] :] < _IN_LIST)
    if not len(closed) or outline.kinds[found[0] + closed[0]] != _LIST_END:
        return None
    return found[0], found[0] + int(closed[0])


def _key(text: bytes) -> str | None:
    """Parse the name in `"name":`."""
    try:
        return str(next(iter(json.loads(b"{" + text + b"0}"))))
    except ValueError:
        return None
