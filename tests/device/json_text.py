"""JSON as text, to be changed: documents with names that repeat, literals that are none, and any layout."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


class Literal(str):
    """JSON that is written as it is."""

    __slots__ = ()


@dataclass
class Object:
    """An object whose members may have the same name."""

    members: list[tuple[str, Any]] = field(default_factory=list)


def parse(data: bytes | str) -> Any:
    """Read a document."""
    return json.loads(data, object_pairs_hook=Object, parse_int=Literal, parse_float=Literal)


def write(value: Any, draw: random.Random | None = None) -> str:
    """Write a document; `draw` chooses blanks and escapes."""

    def blank() -> str:
        return draw.choice(["", "", "", " ", "\n\t", "\r\n"]) if draw else ""

    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, Object):
        members = (f"{blank()}{text(name, draw)}{blank()}:{blank()}{write(one, draw)}" for name, one in value.members)
        return "{" + ",".join(members) + blank() + "}"
    if isinstance(value, list):
        return "[" + ",".join(f"{blank()}{write(one, draw)}{blank()}" for one in value) + blank() + "]"
    return text(value, draw) if isinstance(value, str) else json.dumps(value)


def text(value: str, draw: random.Random | None) -> str:
    """Write a string."""
    written = json.dumps(value, ensure_ascii=draw is not None and draw.random() < 0.2)
    if draw is not None and draw.random() < 0.1:
        written = written.replace("/", "\\/")
    if draw is not None and value.isascii() and value.isalnum() and draw.random() < 0.05:
        written = '"' + "".join(f"\\u{ord(one):04X}" for one in value) + '"'
    return written


def has_repeated_field(value: Any, name: str = "") -> bool:
    """Whether a field is there twice. Modules' names are no fields; devices do not need them."""
    if not isinstance(value, Object):
        return any(has_repeated_field(one) for one in _values(value))
    names = [name for name, _ in value.members]
    repeats = len(set(names)) < len(names) and name != "quantization"
    return repeats or any(has_repeated_field(one, name) for name, one in value.members)


def members_of(value: Any) -> Iterator[tuple[str, Any]]:
    """All members of all objects in a document."""
    if isinstance(value, Object):
        yield from value.members
    for one in _values(value):
        yield from members_of(one)


def _values(value: Any) -> list[Any]:
    return [one for _, one in value.members] if isinstance(value, Object) else value if isinstance(value, list) else []


# fmt: off
SCALARS = [
    "null", "true", "false", "0", "-0", "1", "2", "3", "-1", "1.0", "1.5", "1e2", "0.5", "-0.0", "1e-7", "1e16",
    "123456.75", "1e400", "-1e400", "1e-400", "64", "65", "NaN", "Infinity", "-Infinity", "01", "+1", "1.", ".5",
    "0x1", "1e", "--1", "nul", "True", "9007199254740992", "9007199254740993", "1000000", "1000001", "-1000000.5",
    "4096", "4097", "2048", "1048577", "16777217", "536870913", '"1"', '"true"', '""', '"x"', '"é"', '"支付"', '"-a"',
    '"a+b"', '"../x"', '"a/b"', '"vocab.txt"', '"VOCAB.TXT"', '"onnx"', '"text"', '"pair"', '"train"', r'"\ud800"',
    r'"\udc00"', r'"\ud800\ud800"', r'"\ud83d\ude00"', r'"\u0000"', r'"a\nb"', r'"\u001f"', r'"\x"', r'"\/"', '"a b"',
    '" "', '"\x7f"', '"\u200b"', '"\u202e"', '"\xa0"', '"\u3000"', '"😀"', '"\t"', '"', "[]", "{}", "[1]", '["a","b"]',
    '["a","a"]', '[["a"]]', '{"a":1}', '{"a"}', "[1,]", "[", "1" + "0" * 30, f'"{"x" * 128}"', f'"{"é" * 129}"',
    f'"{"x" * 16384}"', f'"{"x" * 16385}"', f'"{"a" * 64}"', f'"{"A" * 64}"', "[" * 70 + "]" * 70, "[" * 300,
]
# fmt: on
"""Values that somebody may put into a document, and some that are no JSON."""


def mutate(document: Any, draw: random.Random) -> None:
    """Change one thing in a document."""
    places = list(_places(document))
    owner, index = draw.choice(places)
    items = owner.members if isinstance(owner, Object) else owner
    draw.choice(_OF_MEMBERS if isinstance(owner, Object) else _OF_ELEMENTS)(items, index, draw)


_BEFORE = [b"\xef\xbb\xbf", b" ", b"\0", b"\xa0", b"\x0c", b","]
_WITHIN = [*(bytes([one]) for one in b'",{}[]:\\'), b"\xc0\x80", b"\xed\xa0\x80"]
_BEHIND = [b"\n", b" {}", b"\0", b",", b"}", b"]", b"x", b"//"]


def damage(data: bytes, draw: random.Random) -> bytes:
    """Change some bytes of a document."""
    place = draw.randrange(len(data) + 1)
    before, behind = data[:place], data[place:]
    some = draw.randrange(1, 4)
    kinds = [
        before,
        before + bytes([(*behind, 0)[0] ^ 1 << draw.randrange(8)]) + behind[1:],
        before + draw.randbytes(some) + behind,
        before + behind[some:],
        before + draw.choice(_WITHIN) + behind,
        draw.choice(_BEFORE) + data,
        data + draw.choice(_BEHIND),
    ]
    return draw.choice(kinds)


def _places(value: Any) -> Iterator[tuple[Any, int]]:
    for index, one in enumerate(_values(value)):
        yield value, index
        yield from _places(one)


Change = Callable[[list[Any], int, random.Random], None]


def _delete(items: list[Any], index: int, _draw: random.Random) -> None:
    del items[index]


def _shuffle(items: list[Any], _index: int, draw: random.Random) -> None:
    draw.shuffle(items)


def _repeat(items: list[Any], index: int, draw: random.Random) -> None:
    items.insert(draw.randrange(len(items) + 1), items[index])


_NAMES = ["", "x" * 200, "name", "revision", "start", "task", "version", "low", "adapters", "\u202e", "a/b", "x.bin"]


def _rename(items: list[Any], index: int, draw: random.Random) -> None:
    name, value = items[index]
    items[index] = (draw.choice([f"{name}s", name.upper(), name[:-1], *_NAMES]), value)


def _retype_member(items: list[Any], index: int, draw: random.Random) -> None:
    items[index] = (items[index][0], Literal(draw.choice(SCALARS)))


def _retype_element(items: list[Any], index: int, draw: random.Random) -> None:
    items[index] = Literal(draw.choice(SCALARS))


def _add_member(items: list[Any], index: int, draw: random.Random) -> None:
    items.insert(index, (draw.choice(_NAMES), Literal(draw.choice(SCALARS))))


def _set_null(items: list[Any], index: int, _draw: random.Random) -> None:
    items[index] = (items[index][0], None)


_OF_MEMBERS: list[Change] = [_delete, _shuffle, _repeat, _rename, _add_member, _set_null, *[_retype_member] * 6]
_OF_ELEMENTS: list[Change] = [_delete, _shuffle, _repeat, *[_retype_element] * 4]
