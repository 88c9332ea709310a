"""Clean-up of texts by the core: UTF-8, entities, control characters, the bound of a text."""

import codecs
import ctypes
import mmap
import random
import re
from html.entities import html5, name2codepoint
from itertools import product
from typing import NamedTuple

from service.text.cleaning import MAX_CHARACTERS, clean
from tests.device.memory import Text
from tests.device.tokenizers import utf8


class _Cleaned(ctypes.Structure):
    _fields_ = (("count", ctypes.c_uint32), ("is_ascii", ctypes.c_bool), ("cut", ctypes.c_bool))


class Cleaned(NamedTuple):
    text: str
    is_ascii: bool
    cut: bool


def cleaned(core: ctypes.CDLL, text: bytes | None) -> Cleaned:
    points = (ctypes.c_uint32 * MAX_CHARACTERS)()
    core.er_clean.restype = _Cleaned
    found = core.er_clean(Text.of(text), points)
    return Cleaned("".join(map(chr, points[: found.count])), found.is_ascii, found.cut)


def check(core: ctypes.CDLL, text: str, content: bytes | None = None) -> None:
    wanted = clean(text)
    found = cleaned(core, utf8(text) if content is None else content)
    assert found == (wanted, wanted.isascii(), len(text) > MAX_CHARACTERS), ascii(text)


def test_bounds(core: ctypes.CDLL) -> None:
    assert cleaned(core, None) == cleaned(core, b"") == ("", True, False)
    for letter, count in product(("a", "\u00e9", "\U0001f600", "&", "\ud800"), (0, 1, 8191, 8192, 8193, 20_000)):
        check(core, letter * count)
    check(core, "a" * 8191 + "\u00e9")
    check(core, "a" * 8192 + "\u00e9")
    check(core, "x" * 8188 + "&lt;")
    check(core, "x" * 8189 + "&lt;")


def test_every_character(core: ctypes.CDLL) -> None:
    everything = [chr(point) for point in range(0x110000) if point < 0x10000 or point % 64 in (0, 63)]
    for start in range(0, len(everything), MAX_CHARACTERS):
        # Blanks between, so that no two halves of a surrogate pair meet.
        for first in range(start, start + MAX_CHARACTERS, MAX_CHARACTERS // 2):
            check(core, " ".join(everything[first : first + MAX_CHARACTERS // 2]))


def test_entities(core: ctypes.CDLL) -> None:
    names = {
        *name2codepoint,
        *(name.rstrip(";") for name in html5),
        "apos",
        "am",
        "ampx",
        "AMP",
        "Amp",
        "lT",
        "a",
        "a1",
    }
    for name in names:
        check(core, f"&{name}; &amp;{name};x&{name} &{name[:-1]}; &{name}1; &{name}{name};")
    points = (
        0,
        1,
        0x26,
        0x7F,
        0x80,
        0x81,
        0x9F,
        0xA0,
        0x200B,
        0xD7FF,
        0xD800,
        0xDFFF,
        0xE000,
        0xFFFF,
        0x10FFFF,
        0x110000,
    )
    for point in (*points, *range(0x7E, 0xA2), 9_999_999, 10_000_000, 0xFFFFFF, 0x1000000):
        check(core, f"&#{point};&#0{point};&#x{point:x};&#X{point:X};&#x0{point:x}; &amp;#{point};&amp;amp;#{point};")


def test_pieces_of_entities(core: ctypes.CDLL) -> None:
    draw = random.Random(2)
    parts = [
        "&",
        "amp",
        ";",
        "#",
        "x",
        "X",
        "38",
        "26",
        "lt",
        "quot",
        "&amp;",
        "&#38;",
        "&#x26;",
        " ",
        "\u0664",
        "\u00e9",
    ]
    for _ in range(8_000):
        check(core, "".join(draw.choices(parts, k=draw.randint(1, 12))))


# ------------------------------------------------------------------ what is not UTF-8

_SURROGATE = re.compile(b"\xed[\xa0-\xbf][\x80-\xbf]")


def _question_mark(error: UnicodeError) -> tuple[str, int]:
    """One for each sequence that Python counts, but a surrogate is one."""
    assert isinstance(error, UnicodeDecodeError)
    surrogate = _SURROGATE.match(error.object, error.start)
    return "?", surrogate.end() if surrogate else error.end


codecs.register_error("tests.device.question_mark", _question_mark)


def test_bytes_that_are_not_utf8(core: ctypes.CDLL) -> None:
    edges = bytes.fromhex("00 41 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 ff")
    for size in (1, 2, 3):
        for some in product(edges, repeat=size):
            check_bytes(core, bytes(some))
    draw = random.Random(4)
    for _ in range(8_000):
        check_bytes(core, bytes(draw.choices(edges, k=draw.randint(4, 12))))
    for _ in range(2_000):
        check_bytes(core, draw.randbytes(draw.randint(1, 40)))


def check_bytes(core: ctypes.CDLL, content: bytes) -> None:
    check(core, content.decode("utf-8", "tests.device.question_mark"), content)


def test_a_text_that_ends_within_a_character(core: ctypes.CDLL) -> None:
    for letter in ("\u00e9", "\u20ac", "\U0001f600"):
        for size in range(1, len(letter.encode())):
            check(core, "a?", b"a" + letter.encode()[:size])


def test_nothing_beyond_a_text_is_read(core: ctypes.CDLL) -> None:
    """Texts that end where memory ends."""
    page = mmap.PAGESIZE
    libc = ctypes.CDLL(None)
    memory = mmap.mmap(-1, 2 * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert libc.mprotect(ctypes.c_void_p(start + page), ctypes.c_size_t(page), 0) == 0
    try:
        for text in (
            b"a",
            b"\xc3",
            b"\xe2\x82",
            b"\xf0\x9f\x98",
            b"\xed\xa0",
            b"&",
            b"&#",
            b"&#x",
            b"&#x2",
            b"&amp",
            b"&am",
        ):
            memory[page - len(text) : page] = text
            points = (ctypes.c_uint32 * MAX_CHARACTERS)()
            given = Text(ctypes.cast(start + page - len(text), ctypes.c_char_p), len(text))
            assert core.er_clean(given, points).count == len(text.decode("utf-8", "tests.device.question_mark"))
    finally:
        libc.mprotect(ctypes.c_void_p(start + page), ctypes.c_size_t(page), mmap.PROT_READ | mmap.PROT_WRITE)
