"""How much JSON a body holds, counted without parsing it.

A parser makes an object of each value: two megabytes of `[],[],[]…` are 700,000 of them, which take half a second, and
each that is wrong is an error that takes longer still. Here a few passes over the bytes tell how many values there are
and how long the longest array is, in some 5 ms a megabyte.
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
        members: how many it has.
        key: what it is called, if that is a word of lower-case letters; else nothing.
    """

    members: int = 0
    key: str = ""


@dataclass(frozen=True)
class Shape:
    """How much JSON there is; of what is none, some numbers or other.

    Attributes:
        values: all that a parser would make an object of, about.
        array: the longest array.
        object: the object with the most members.
    """

    values: int
    array: Widest = Widest()
    object: Widest = Widest()


def most_values(body: bytes) -> int:
    """No fewer values than a body holds: what stands in its texts is counted, too."""
    return 1 + body.count(b",") + body.count(b"[") + body.count(b"{")


def shape_of(body: bytes, enough: int) -> Shape:
    """Count a body's values, and, unless there are more than `enough`, the members of its arrays and objects."""
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
    # Sorted by how deep they stand, and there in their order, the commas of a container follow what opens it.
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
