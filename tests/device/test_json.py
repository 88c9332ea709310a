import ctypes
import json
import random
from typing import Any

import pytest

from tests.device.json_text import SCALARS, Literal, Object, damage, mutate, parse, write
from tests.device.memory import Arena, Error, Span, View

OBJECT, ARRAY, STRING, NUMBER, TRUE, FALSE, NULL = range(1, 8)
DEEPEST, LONGEST_NUMBER = 64, 800

# fmt: off
ACCEPTED = [
    "{}", "[]", "null", "true", "false", "0", "-0", "-0.0", "1e5", "1E+5", "1e-5", "0e0", "10", "[[],[[]],{}]",
    '{"":0}', '{"a":1,"a":2}', '""', '"a"', r'"\"\\\/\b\f\n\r\t"', r'"\u0041"', r'"\u00e9\uD83D\uDE00"', r'"\u0000"',
    r'"\uFFFE"', '"/"', '"é"', '{"é":["é"]}', " [ ] ", "\t{\r\n}\n", '{ "a" : [ 1 , 2 ] , "b" : { } }', '"\x7f"',
    '"\U0010ffff"', '"\ufeff"', '" "', "[" * DEEPEST + "]" * DEEPEST, '{"a":' * DEEPEST + "1" + "}" * DEEPEST,
    "1" * LONGEST_NUMBER,
]
REFUSED = [
    "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".1", "1.e1", "1e", "1e+",
    "0x1", "1_0", "1..2", "1e1.5", "0e", "--1", "٣", "1٣", "#", "'a'", "[", "]", "{", "}", "[1", "[1,", "[1,]",
    "[,1]", "[,]", "[1}", "{]", "[1]]", "[1],", "[:]", "[1:2]", '["a":1]', '"[', ']"', "/**/{}", "{}//", "{}x",
    '{"a"}', '{"a":}', '{"a":1,}', "{,}", "{1:2}", "{a:1}", "{'a':1}", '{"a",1}', '{"a"::1}', '{"a":1}}', "{:1}",
    "{null:1}", "{[]:1}", '"', '"a', r'"\"', '"\\', r'"\x"', r'"\u"', r'"\u12"', r'"\u123g"', r'"\U0041"',
    r'"\ud800"', r'"\ud800x"', r'"\udc00"', r'"\ud800\ud800"', r'"\ud800\n"', r'"\ud800\u0041"', r'"\ud83d\ude0"',
    r'"\ud83d\ude0g"', r'"\ud83d\xde00"', r'"\ud83d"', '"a""b"', '"a"b', "", " ", "1 2", "- 1", "[1 2]",
    '{"a":1 "b":2}', "{} {}", r'"\u 041"', '"a\nb"', '"\x00"', '"\x1f"', '"\t"', "{}\x00", "\x00{}", "\ufeff{}",
    "\xa0{}", "\x0c{}", "\x0b{}", "{}\u2028", "[1,\u20282]", "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" * 100_000,
    '{"a":' * 100_000, "1" * (LONGEST_NUMBER + 1), "0." + "1" * LONGEST_NUMBER,
]
NO_UTF8 = [
    "80", "ff", "c080", "c1bf", "e08080", "e09fbf", "eda080", "edbfbf", "f0808080", "f08fbfbf", "f4908080",
    "f5808080", "f888808080", "c3", "e282", "f09f98", "c328", "e228a1", "f09f9828", "c3a9c3",
]
# fmt: on
REFUSED_BYTES = [
    *(b'"' + bytes.fromhex(one) + b'"' for one in NO_UTF8),
    *(b'"' + bytes.fromhex(one) for one in NO_UTF8),
    *[b"\xc3\xa9", b"[\xc3\xa9]", b"\xff\xfe[\x00]\x00", b'{"\xff":1}', b'"\xe2\x82"\xac"'],
]


class Items(ctypes.Structure):
    _fields_ = (
        ("text", ctypes.POINTER(Span)),
        ("next", ctypes.c_size_t),
        ("key", ctypes.c_size_t),
        ("value", ctypes.c_size_t),
        ("keyed", ctypes.c_bool),
    )


class Json:
    """The core's reader, of one text; values are read as Python's json reads them."""

    def __init__(self, core: ctypes.CDLL, data: bytes) -> None:
        core.er_json_check.restype = core.er_json_next.restype = core.er_json_is_integer.restype = ctypes.c_bool
        core.er_json_root.restype = core.er_json_end.restype = ctypes.c_size_t
        core.er_json_items_at.restype, core.er_json_take.restype = Items, View
        core.er_json_number.restype = ctypes.c_double
        self.core, self.data = core, data
        self._kept = Span(data, len(data))
        self._span = ctypes.byref(self._kept)
        self.wrong: int | None = None

    def check(self) -> bool:
        wrong = ctypes.c_size_t()
        right = bool(self.core.er_json_check(self._span, ctypes.byref(wrong)))
        self.wrong = wrong.value
        return right

    def read(self) -> Any:
        return self._value(self.core.er_json_root(self._span))

    def _value(self, at: int) -> Any:
        place = ctypes.c_size_t(at)
        kind = self.core.er_json_kind_at(self._span, place)
        raw = self.data[at : self.core.er_json_end(self._span, place)]
        if kind == OBJECT:
            return Object([(str(self._string(key)), self._value(value)) for key, value in self._items(at)])
        if kind == ARRAY:
            return [self._value(value) for _, value in self._items(at)]
        if kind == NUMBER:
            assert self.core.er_json_is_integer(self._span, place) == (not {*b".eE"} & {*raw})
            assert self.core.er_json_number(self._span, place) == float(raw)
            return Literal(raw.decode())
        return self._string(at) if kind == STRING else {TRUE: True, FALSE: False, NULL: None}[kind]

    def _items(self, at: int) -> Any:
        items = self.core.er_json_items_at(self._span, ctypes.c_size_t(at))
        while self.core.er_json_next(ctypes.byref(items)):
            yield items.key, items.value

    def _string(self, at: int) -> str | None:
        arena, error = Arena(), Error()
        text = self.core.er_json_take(ctypes.byref(arena), self._span, ctypes.c_size_t(at), ctypes.byref(error))
        read: str | None = text.read()
        self.core.er_give_back(ctypes.byref(arena))
        assert not arena.held
        return read


@pytest.mark.parametrize("text", ACCEPTED, ids=lambda text: text[:30])
def test_json_is_accepted_and_read_as_python_reads_it(core: ctypes.CDLL, text: str) -> None:
    reader = Json(core, text.encode())

    assert reader.check()
    assert reader.read() == parse(text)


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_what_is_no_json_is_refused(core: ctypes.CDLL, text: str) -> None:
    assert not Json(core, text.encode()).check()


@pytest.mark.parametrize("data", REFUSED_BYTES)
def test_what_is_not_utf8_is_refused(core: ctypes.CDLL, data: bytes) -> None:
    assert not Json(core, data).check()


@pytest.mark.parametrize(("text", "place"), [("{} x", 3), ('{"a":1,}', 7), ('["a\\x"]', 3), ("[1,2", 4), ("", 0)])
def test_it_says_where_the_first_wrong_byte_is(core: ctypes.CDLL, text: str, place: int) -> None:
    reader = Json(core, text.encode())
    reader.check()

    assert reader.wrong == place


def python_accepts(data: bytes) -> bool:
    def refuse(literal: str) -> None:
        raise ValueError(literal)

    try:
        json.loads(data.decode(), parse_constant=refuse)
        write(parse(data.decode())).encode()  # refuses lone surrogates
    except (ValueError, RecursionError):
        return False
    return not data.startswith(b"\xef\xbb\xbf")


def any_value(draw: random.Random, depth: int) -> Any:
    kind = draw.randrange(6) if depth else 5
    if kind == 0:
        return [any_value(draw, depth - 1) for _ in range(draw.randrange(4))]
    if kind <= 2:
        names = draw.choices(["a", "b", "é", ""], k=draw.randrange(4))
        return Object([(name, any_value(draw, depth - 1)) for name in names])
    return Literal(draw.choice(SCALARS))


def test_documents_of_any_shape_are_judged_as_python_judges_them(core: ctypes.CDLL) -> None:
    draw = random.Random(1)
    accepted = 0
    for _ in range(4000):
        document = [any_value(draw, 3)]
        mutate(document, draw)
        data = write(document, draw).encode(errors="surrogatepass")
        if draw.random() < 0.5:
            data = damage(data, draw)
        if b"[" * DEEPEST in data:
            continue
        reader = Json(core, data)

        assert reader.check() == python_accepts(data), data
        if python_accepts(data):
            accepted += 1
            assert reader.read() == parse(data.decode())
    assert accepted > 500


def test_a_text_that_was_not_checked_is_not_left(core: ctypes.CDLL) -> None:
    """Nonsense may be answered, but every walk ends within the text."""
    draw = random.Random(2)
    for _ in range(3000):
        data = draw.choice([b"", b"{", b"[", b'"']) + bytes(draw.choices(b'{}[]",:\\u0x1e- \xff', k=draw.randrange(12)))
        span = Span(data, len(data))
        reader = Json(core, data)
        for at in range(len(data)):
            assert core.er_json_end(ctypes.byref(span), ctypes.c_size_t(at)) <= len(data)
            assert sum(1 for _ in reader._items(at)) <= len(data) + 1
