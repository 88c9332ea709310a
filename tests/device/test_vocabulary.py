"""Vocabularies of the core: which are read, which are refused, and how words are split by them."""

import ctypes
import random
from itertools import product

import pytest

from service.artifact.artifact import ArtifactError
from tests.device.tokenizers import SPECIAL, V1, V2, DeviceError, DeviceTokenizer, Pair, Shape, service_tokenizer

MOST_TOKENS = 65_535
INVALID, UNSUPPORTED = 3, 4
_WORDS_OF_A_TEXT = 1_600
_LINES = "\n".join((*SPECIAL, "wine")).encode()


def refusal(core: ctypes.CDLL, vocabulary: bytes, size: int) -> tuple[int, str]:
    with pytest.raises(DeviceError) as caught:
        DeviceTokenizer(core, Shape(vocabulary, V2, size))
    return caught.value.status, str(caught.value)


@pytest.mark.parametrize(
    ("vocabulary", "size", "message"),
    [
        (b"", 0, "vocab.txt has 1 tokens, the manifest states 0"),
        (b"", 1, "vocab.txt lacks [PAD]"),
        (_LINES, 4, "vocab.txt has 5 tokens, the manifest states 4"),
        (_LINES, 6, "vocab.txt has 5 tokens, the manifest states 6"),
        (_LINES + b"\n\n", 5, "vocab.txt has 6 tokens, the manifest states 5"),
        (_LINES + b"\nwine", 6, "vocab.txt repeats the token of line 5 in line 6"),
        (b"\n" + _LINES + b"\n\n", 7, "vocab.txt repeats the token of line 1 in line 7"),
        (_LINES + b"\n\xff", 6, "vocab.txt is not UTF-8"),
        (_LINES + b"\n\xed\xa0\x80", 6, "vocab.txt is not UTF-8"),
        (_LINES + b"\n\xe2\x82", 6, "vocab.txt is not UTF-8"),
        *((_LINES.replace(one.encode(), b"x"), 5, f"vocab.txt lacks {one}") for one in SPECIAL),
        (_LINES.replace(b"\n", b"\r\n"), 5, "vocab.txt lacks [PAD]"),
    ],
)
def test_what_is_invalid(core: ctypes.CDLL, vocabulary: bytes, size: int, message: str) -> None:
    assert refusal(core, vocabulary, size) == (INVALID, message)


def test_what_is_too_much(core: ctypes.CDLL) -> None:
    tokens = [*SPECIAL, *map(str, range(MOST_TOKENS + 1 - len(SPECIAL)))]
    message = "vocab.txt has more than 65535 tokens or 16777216 bytes"
    assert refusal(core, "\n".join(tokens).encode(), len(tokens)) == (UNSUPPORTED, message)
    assert refusal(core, _LINES, 2**32 - 1) == (UNSUPPORTED, message)
    assert refusal(core, b"x" * (2**24 + 1), 1) == (UNSUPPORTED, message)
    states = f"vocab.txt has {len(tokens)} tokens, the manifest states {MOST_TOKENS}"
    assert refusal(core, "\n".join(tokens).encode(), MOST_TOKENS) == (INVALID, states)


def test_the_largest(core: ctypes.CDLL) -> None:
    """Every token is found, the last one too, and none that is not there."""
    words = [f"{number:x}" for number in range(MOST_TOKENS - len(SPECIAL))]
    shape = Shape.of(words, V1, max_length=2048)
    assert shape.size == MOST_TOKENS
    tokenizer = DeviceTokenizer(core, shape)
    for start in range(0, len(words), _WORDS_OF_A_TEXT):
        ids = tokenizer.row(" ".join(words[start : start + _WORDS_OF_A_TEXT]).encode()).ids
        assert ids[1:-1] == list(range(4 + start, 4 + min(start + _WORDS_OF_A_TEXT, len(words))))
    assert tokenizer.row(f"{len(words):x} g".encode()).ids == [2, 1, 1, 3]
    tokenizer.free()


def test_a_line_end_behind_the_last_token_and_special_tokens_anywhere(core: ctypes.CDLL) -> None:
    for content in (b"red\n[SEP]\n[UNK]\n\n[PAD]\nwine\n[CLS]\n", b"red\n[SEP]\n[UNK]\n\n[PAD]\nwine\n[CLS]"):
        tokenizer = DeviceTokenizer(core, Shape(content, V2, 7))
        assert tokenizer.row(b"red wine grape").ids == [6, 0, 5, 2, 1]
        tokenizer.free()


def test_tokens_of_odd_form(core: ctypes.CDLL) -> None:
    tokens = [
        "",
        "#",
        "##",
        "###",
        "####",
        "##a",
        "###a",
        "a",
        "a b",
        " a",
        "\r",
        "\x00",
        "a##",
        "\ufeff",
        "\u2122",
        "!!",
    ]
    pair = Pair(core, Shape.of(tokens))
    pair.check(["".join(text) for text in product(["#", "a", " ", "\r", "b", "\u2122", "!"], repeat=4)])
    pair.device.free()


@pytest.mark.parametrize("letters", ["ab", "a\u0436", "\u4e2d\u00fe", "\U00010330b\u0436"])
def test_words_of_few_letters(core: ctypes.CDLL, letters: str) -> None:
    """Of parts that often are the beginnings of others, so that the longest part leads into dead ends."""
    draw = random.Random(letters)
    words = ["".join(draw.choices(letters, k=draw.randint(1, 14))) for _ in range(1_500)]
    words += [letters[0] * count + end for count in (98, 99, 100, 101, 200) for end in ("", letters[-1])]
    for number in range(8):
        parts = {"".join(draw.choices(letters, k=draw.randint(1, 6))) for _ in range(2 + 6 * number)}
        pair = Pair(core, Shape.of([draw.choice(("", "##")) + part for part in sorted(parts)], V1))
        pair.check_rows([[word] for word in words])
        pair.device.free()


def test_bytes_of_any_kind(core: ctypes.CDLL) -> None:
    """A damaged vocabulary is read as the service reads it, or refused."""
    draw = random.Random(1)
    whole = bytearray(_LINES + "\n##s\nred\n\u00e9\n\U0001f600\n##\u0436".encode())
    read = 0
    for _ in range(600):
        content = bytearray(whole)
        for _ in range(draw.randint(1, 2)):
            place = draw.randrange(len(content))
            content[place : place + draw.randint(0, 2)] = draw.choice((b"", b"\n", b"#", b"\xff", b"\xf0", b"s"))
        shape = Shape(bytes(content), V2, content.count(b"\n") + 1)
        try:
            service = service_tokenizer(shape)
        except ArtifactError:
            assert refusal(core, shape.vocabulary, shape.size)[0] == INVALID
            continue
        device = DeviceTokenizer(core, shape)
        text = "wines red \u00e9\u0436 \U0001f600 a"
        assert device.row(text.encode()) == service.rows([[text]])[0]
        device.free()
        read += 1
    assert 50 < read < 550
