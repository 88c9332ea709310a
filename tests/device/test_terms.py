"""Terms of texts: the core's words, rarities, repetition, compounds and amounts beside the service's."""

import ctypes
import random
from collections.abc import Iterator
from html.entities import name2codepoint

import numpy as np
import pytest

from service.settings import BUNDLED_MODEL
from service.text.terms import MAX_TERMS, Lexicon, word_hash
from tests.device.tokenizers import SPECIAL, V1, DeviceTokenizer, Pair, Shape

_SIGNS = "$\u00a2\u00a3\u20ac\u20c0\u20c1\u20a0\u209f"
_SIGNS += "\u058f\u060b\u07fe\u07ff\u0800\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\ua838\ufdfc"
_LETTERS = "abZ\u00c0\u00d6\u00d7\u00d8\u00f6\u00f7\u00f8\u0130\u0131\u0132\u0149"
_LETTERS += "\u01c4\u017f\u024f\u0250\u00df\u00aa\u0436\u4e2d"


@pytest.fixture(scope="module")
def pair(core: ctypes.CDLL) -> Iterator[Pair]:
    made = Pair(core, Shape.of_model(BUNDLED_MODEL))
    yield made
    made.device.free()


def drawn(pieces: list[str], count: int, most: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(pieces, k=draw.randint(1, most))) for _ in range(count)]


def test_compounds(pair: Pair) -> None:
    joints = ["-", "\u2010", "\u2011", "\u2012", "'", "\u2019", "\u2018", ".", "&", ",", "&amp;"]
    pair.check(drawn([*joints * 2, *_LETTERS, *"0123", " ", "T-shirt", "1,000", ",234", "x.y"], 4_000, 24, 1))
    long = ["a-" * count + end for count in range(28, 36) for end in ("a", "aa", "", "a-b")]
    pair.check([*long, " ".join(long), " ".join(reversed(long)), "a-b " * 20, " ".join(f"a-{n}" for n in range(20))])


def test_amounts(pair: Pair) -> None:
    numbers = [
        "1",
        "20",
        "333",
        "4444",
        "000",
        "00",
        "0",
        "123456789",
        "1234567890",
        ".",
        ",",
        ".0",
        ",00",
        ".50",
        "1,000",
    ]
    pair.check(drawn([*numbers, *_SIGNS, *"$$\u00a3\u20ac", " ", "\u00a0", "  ", "x", "-"], 4_000, 9, 2))
    pair.check([f"{sign}5 5{sign}" for sign in (*_SIGNS, *map(chr, name2codepoint.values()))])
    pair.check(
        ["$1.0", "$1.00", "$1.000", "$1.0.0", "$.5", "$1,234,567.00", "1$2$3", "$ \u00a01", "$1" * 9, "$1 a-b " * 9]
    )


def test_compounds_by_other_rules(core: ctypes.CDLL) -> None:
    texts = drawn(["-", "'", ".", *_LETTERS, "e\u0301", "E\u0301", "\u0308", "\u212b", " "], 1_500, 16, 3)
    letters = sorted({*"".join(texts), *"abze\u00e5\u00e9"} - {" "})
    for rules in (V1, V1.model_copy(update={"lowercase": False, "strip_accents": False})):
        for version in (1, 2):
            tokens = [*letters, *(f"##{one}" for one in letters)]
            pair = Pair(core, Shape.of(tokens, rules.model_copy(update={"version": version})))
            pair.check(texts)
            pair.device.free()


def test_hashes_of_words_however_they_are_cut(core: ctypes.CDLL) -> None:
    wanted = word_hash("wines")
    for tokens in (("wines",), ("wine", "##s"), ("w", "##i", "##ne", "##s")):
        device = DeviceTokenizer(core, Shape.of(tokens))
        _, terms = device.read(b"wines")
        assert terms.hashes == wanted.to_bytes(2, "little")
        device.free()


def test_words_of_many_letters(core: ctypes.CDLL) -> None:
    tokens = [*"abc", *("##" + letter for letter in "abc"), "##" + "abc" * 30, "a" * 90]
    pair = Pair(core, Shape.of(tokens, most_windows=64))
    draw = random.Random(4)
    for count in (99, 100, 101):
        pair.check(["".join(draw.choices("abc", k=count)) for _ in range(50)])
    pair.check([" ".join("a" + "abc" * draw.randint(20, 33) for _ in range(9)) for _ in range(50)])
    pair.device.free()


def test_tokens_in_any_order(core: ctypes.CDLL) -> None:
    """As they are where phrases were removed: words may begin with tokens that go on, and have thousands of letters."""
    tokens = [
        *"ab",
        "\u0436",
        "##",
        "##a",
        "##\u0436",
        "##" + "abc" * 30,
        "a" * 90,
        "!",
        "##!",
        "\U0001f600",
        "##\u20ac",
    ]
    shape = Shape.of(tokens, max_length=2048, most_windows=1)
    device = DeviceTokenizer(core, shape)
    lexicon = Lexicon([*SPECIAL, *tokens], SPECIAL)
    draw = random.Random(8)
    rows = [draw.choices(range(shape.size), k=draw.randint(1, 40)) for _ in range(2_000)]
    going_on = [place for place, token in enumerate((*SPECIAL, *tokens)) if token.startswith("##")]
    rows += [draw.choices(going_on, k=count) for count in (1, 5, 6, 7, 300, 2046) for _ in range(20)]
    rows += [[4, *[8] * count] for count in (*range(506, 516), 2045)]
    for row, terms in zip(rows, lexicon.terms(rows), strict=True):
        assert device.terms(row) == terms, row
    device.free()


@pytest.mark.parametrize("size", [4, 5, 300, 5_600, 18_000, 65_535])
def test_rarity_of_every_token(core: ctypes.CDLL, size: int) -> None:
    words = [f"{number:04x}" for number in range(size - len(SPECIAL))]
    device = DeviceTokenizer(core, Shape.of(words, V1, max_length=2048, most_windows=1))
    wanted = np.rint(np.minimum(np.log1p(np.arange(size)) / np.log(max(2, size)), 1.5) * 170)
    for start in range(0, len(words), 200):
        _, terms = device.read(" ".join(words[start : start + 200]).encode())
        some = wanted[4 + start : 4 + start + 200].tolist()
        # Words that by chance have the same hash count as one.
        assert list(terms.idf) == some if len(terms.idf) == len(some) else {*terms.idf} <= {*some}
    device.free()


def test_rarity_of_words_of_several_tokens(core: ctypes.CDLL) -> None:
    """Sums of logarithms are rounded where NumPy rounds them; beyond one and a half, all are as rare."""
    tokens = [*map(chr, range(0x4E00, 0x4E00 + 60)), *"abcdefgh", *("##" + letter for letter in "abcdefgh")]
    pair = Pair(core, Shape.of(tokens))
    pair.check(drawn(list("abcdefgh "), 3_000, 12, 5))
    pair.device.free()


def test_repetition(pair: Pair) -> None:
    draw = random.Random(6)
    words = ["wine", "red", "grape", "the", "of", "cheap", "best", "T-shirt", "$20", "buy", "now", "5", "%", "c++", "x"]
    texts = []
    for _ in range(1_500):
        few = draw.sample(words, draw.randint(1, len(words)))
        texts.append(" ".join(draw.choices(few, k=draw.choice((3, 5, 9, 30, 99, 100, 101, 240)))))
    pair.check(texts)


def test_more_words_than_are_kept(core: ctypes.CDLL) -> None:
    words = [f"{number:x}" for number in range(400)]
    shape = Shape.of(words, V1, max_length=1024, most_windows=2)
    pair = Pair(core, shape)
    texts = [
        " ".join(words[:count]) + end for count in (246, 247, 248, 254, 255, 256, 300, 400) for end in ("", " a-b $7")
    ]
    pair.check([*texts, " ".join(words) + " ".join(f" a-{number}" for number in range(9))])
    assert len(pair.device.read(texts[-1].encode())[1].idf) == MAX_TERMS
    pair.device.free()


def test_what_is_no_word(pair: Pair) -> None:
    pair.check(
        ["!!! ... ?", "c++ c# 5 % 20\u00b0", "\u00a3 \u20ac", "[UNK] [SEP] [PAD]", "\u0fff \u1200", "_ | ~", "## a ##"]
    )
