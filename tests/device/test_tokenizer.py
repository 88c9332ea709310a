"""Tokens, windows, rows and terms of the core, which are the service's on texts of every kind."""

import ctypes
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import BUNDLED_MODEL
from service.text.cleaning import MAX_CHARACTERS
from tests.device.memory import Text
from tests.device.tokenizers import V1, V2, DeviceError, DeviceTokenizer, Pair, Shape
from tests.web.texts import odd_texts

MODELS = BUNDLED_MODEL.parents[2] / "models"
RELEASED = (
    BUNDLED_MODEL,
    MODELS / "edge-rank-en-megabyte",
    MODELS / "edge-rank-en-half-megabyte",
    MODELS / "edge-rank-zh",
)
TEXTS = odd_texts(3_000, 4)
BUNDLED = Shape.of_model(BUNDLED_MODEL)
ENDLESS = (
    "\ufdfa" * MAX_CHARACTERS,  # fifteen letters and three blanks each
    "\u0390" * MAX_CHARACTERS,
    "x" * 100_000,
    "e" + "\u0301" * 100_000,
    "".join(map(chr, range(0x300, 0x370))) * 80,
    "e" + "\u0345\u0300\u0323\u0315" * 50 + "x",
    "\u1100\u1161\u11a8" * 40 + " " + "\uac00\u11a8\u1100" * 9,
    "&amp;amp;" * 2000,
    "&" * 9000,
    "\U0001f600" * 9000,
    "\u0130" * MAX_CHARACTERS,
    "a" * (MAX_CHARACTERS - 2) + " bc",
    "a-" * 5000,
    "a." * 32 + " " + "a." * 31 + "bb" + " " + "a." * 31 + "b",
    "$1 " * 3000,
    "7" * 9000 + "$",
    "".join(map(chr, range(0x3400, 0x5400))),
)


@pytest.fixture(scope="module")
def bundled(core: ctypes.CDLL) -> Iterator[Pair]:
    pair = Pair(core, BUNDLED)
    yield pair
    pair.device.free()


@pytest.mark.parametrize("model", RELEASED, ids=lambda model: model.name)
def test_odd_texts(core: ctypes.CDLL, model: Path) -> None:
    pair = Pair(core, Shape.of_model(model))
    pair.check(TEXTS if model == BUNDLED_MODEL else TEXTS[RELEASED.index(model) :: 3])
    pair.check(ENDLESS)
    pair.device.free()


@pytest.mark.parametrize("version", [V1, V2], ids=["version 1", "version 2"])
@pytest.mark.parametrize("lowercase", [True, False], ids=["lower", "upper"])
@pytest.mark.parametrize("strip_accents", [True, False], ids=["bare", "accents"])
def test_rules(core: ctypes.CDLL, version: object, lowercase: bool, strip_accents: bool) -> None:
    """Of a vocabulary of letters, in which hardly any word is unknown."""
    texts = TEXTS[::5]
    rules = V1 if version is V1 else V2
    known = set("".join((*texts, unicodedata.normalize("NFKC", "\ufdfa"))))
    letters = sorted(known - set(map(chr, range(0xD800, 0xE000))) - set("\n"))[:32_000]
    tokens = [*letters, *(f"##{letter}" for letter in letters), "##e\u0301", "i\u0307", "bill", "Bill", "##ill"]
    shape = Shape.of(tokens, rules.model_copy(update={"lowercase": lowercase, "strip_accents": strip_accents}))
    pair = Pair(core, shape)
    pair.check([*texts, *ENDLESS[:: 1 if rules is V2 else 3]])
    pair.device.free()


def test_marks_in_any_order(core: ctypes.CDLL) -> None:
    """Letters that compose with marks, marks of every combining class, and symbols that stand apart."""
    draw = random.Random(3)
    marks = "\u0300\u0301\u0307\u0308\u031b\u0323\u0328\u0345\u0338\u3099\u05b0\u064b\u0670\u0e38\u0f71\u0f74\u0f80"
    letters = "aeiouAEIOU\u03b1\u03b9\u03c9\u0418\u304b\u0130\u1e9b\u00c5\u212b\u2126\ufb1d\u0f40\u1100"
    letters += "\u1161\u11a8\uac00\uac01"
    strange = " 1\u00b2\u2460\u2122\u0f73\u0344\u1d160\u1d158\U0001d165\u200b\u200d\u0958\ufb2c\u2adc\u0cc6\u0cc2\u0cd5"
    texts = ["".join(draw.choices(marks * 2 + letters + strange, k=draw.randint(2, 14))) for _ in range(1_500)]
    parts = sorted({*marks, *letters, *strange, *"aeiou\u00e5\u00e9\u1e69\u03ce\u0439\u304c\ubc1b\uac02"} - {" "})
    for rules in (V1, V2, V2.model_copy(update={"strip_accents": False}), V1.model_copy(update={"lowercase": False})):
        pair = Pair(core, Shape.of([*parts, *(f"##{part}" for part in parts)], rules))
        pair.check(texts)
        pair.device.free()


@pytest.mark.parametrize("max_length", [3, 4, 5, 9, 40, 512])
def test_rows(core: ctypes.CDLL, max_length: int) -> None:
    draw = random.Random(max_length)
    texts = [*TEXTS[::30], "", "\u0fff"]
    pair = Pair(core, Shape(BUNDLED.vocabulary, BUNDLED.rules, BUNDLED.size, max_length))
    pair.check_rows([[text] for text in texts])
    if max_length > 3:
        pair.check_rows([draw.choices(texts, k=2) for _ in range(200)])
        pair.check_rows([["wine", ENDLESS[0]], [ENDLESS[2], "red wine"]])
    pair.device.free()


@pytest.mark.parametrize(
    ("max_length", "most_windows"), [(3, 1), (3, 64), (5, 3), (7, 64), (13, 2), (40, 1), (2048, 64)]
)
def test_bounds(core: ctypes.CDLL, max_length: int, most_windows: int) -> None:
    pair = Pair(core, Shape(BUNDLED.vocabulary, BUNDLED.rules, BUNDLED.size, max_length, most_windows))
    pair.check([*TEXTS[-200:], *ENDLESS[::4]])
    pair.device.free()


@pytest.mark.parametrize(("max_length", "most_windows"), [(2, 8), (2049, 8), (40, 0), (40, 65), (2**32 - 1, 2**32 - 1)])
def test_bounds_that_cannot_be(core: ctypes.CDLL, max_length: int, most_windows: int) -> None:
    with pytest.raises(DeviceError, match="cannot be read") as caught:
        DeviceTokenizer(core, Shape(BUNDLED.vocabulary, BUNDLED.rules, BUNDLED.size, max_length, most_windows))
    assert caught.value.status == 6


def test_no_text(bundled: Pair) -> None:
    assert bundled.device.read(b"") == (bundled.device.read(b" ")[0], bundled.device.read(b"\0")[1])
    assert Text.of(None).size == 0
    assert bundled.device.row(b"wine") == bundled.service.rows([["wine"]])[0]


def test_memory_that_ends_anywhere(core: ctypes.CDLL) -> None:
    """Every piece that is not had is an error, and what was taken is given back."""
    shape = Shape.of(["wine"])
    whole = DeviceTokenizer(core, shape)
    taken = (1 << 30) - whole.arena.left
    whole.free()
    for memory in range(0, taken, 4096):
        with pytest.raises(DeviceError) as caught:
            DeviceTokenizer(core, shape, memory=memory)
        assert caught.value.status == 1
    assert DeviceTokenizer(core, shape, memory=taken).row(b"wine").ids == [2, 4, 3]
