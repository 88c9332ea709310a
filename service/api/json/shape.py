"""The amount of JSON in a body, counted without parsing it.

A parser makes an object of each value: two megabytes of `[],[],[]…` are 700,000 values, which take half a second, and
invalid ones take longer still. A few passes over the bytes count the values and find the longest array, in some 5 ms a
megabyte.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_QUOTE, _COMMA, _ARRAY, _OBJECT, _CLOSE = 1, 2, 3, 4, 5
_KINDS = np.zeros(256, dtype=np.uint8)
for _characters, _kind in ((b'"', _QUOTE), (b",", _COMMA), (b"[", _ARRAY), (b"{", _OBJECT), (b"]}", _CLOSE)):
    _KINDS[list(_characters)] = _kind
_KEY_BYTES = 80
_key_before = re.compile(rb'"([a-z_]{1,32})"\s{0,16}:\s{0,16}\Z').search


@dataclass(frozen=True)
class Widest:
    """The array, or the object, with the most members.

    Attributes:
        members: their number.
        key: its name in the object around it, if that is a lower-case word; else empty.
    """

    members: int = 0
    key: str = ""


@dataclass(frozen=True)
class Shape:
    """About how many objects a parser would create of a text; its widest array and object. Arbitrary if invalid."""

    values: int
    array: Widest = Widest()
    object: Widest = Widest()


def most_values(body: bytes) -> int:
    """An upper bound on a body's number of values, which also counts characters within texts."""
    return 1 + body.count(b",") + body.count(b"[") + body.count(b"{")


def shape_of(body: bytes, enough: int) -> Shape:
    """Count a body's values and, unless there are more than `enough`, the members of its arrays and objects."""
    plain = body.replace(rb"\\", b"  ").replace(rb"\"", b"  ") if b"\\" in body else body
    kinds = _KINDS[np.frombuffer(plain, dtype=np.uint8)]
    within_texts = np.bitwise_xor.accumulate((kinds == _QUOTE).view(np.uint8)).view(np.bool_)
    kinds[within_texts | (kinds == _QUOTE)] = 0
    values = 1 + int(np.count_nonzero((kinds >= _COMMA) & (kinds <= _OBJECT)))
    if values > enough:
        return Shape(values)
    places = np.flatnonzero(kinds)
    kinds = kinds[places]
    opens = (kinds == _ARRAY) | (kinds == _OBJECT)
    # Sorted by depth, and within a depth by position, a container's commas follow its opening bracket.
    closes = kinds == _CLOSE
    depth = np.cumsum(opens.astype(np.int32) - closes) + closes
    order = np.argsort(depth, kind="stable")
    kinds, places = kinds[order], places[order]
    begins = np.flatnonzero((kinds == _ARRAY) | (kinds == _OBJECT))
    if not len(begins):
        return Shape(values)
    commas = np.concatenate([[0], np.cumsum(kinds == _COMMA)])
    members = np.diff(np.append(commas[begins], commas[-1])) + 1
    return Shape(
        values,
        array=_widest(plain, members, places[begins], kinds[begins] == _ARRAY),
        object=_widest(plain, members, places[begins], kinds[begins] == _OBJECT),
    )


def _widest(plain: bytes, members: NDArray[np.int64], places: NDArray[np.int64], among: NDArray[np.bool_]) -> Widest:
    if not among.any():
        return Widest()
    widest = int(np.argmax(np.where(among, members, 0)))
    place = int(places[widest])
    key = _key_before(plain[max(0, place - _KEY_BYTES) : place])
    return Widest(int(members[widest]), key[1].decode() if key else "")
