"""Texts that tokenizers must agree on: ordinary ones of the demo catalogue, and odd ones of every kind."""

import random
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import cycle

from service.feature_store.items.catalogue import read_catalogue
from service.settings import DEMO_CATALOGUE
from service.text.cleaning import MAX_CHARACTERS
from tests.web.lengths import lengths
from tests.web.spellings import FIXED, spellings

_SURROGATES = range(0xD800, 0xE000)
_BLANKS = " \t\n\r\v\f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u180e\ufe0f\U000e0020\x00\x07\x1b\x7f\x9b\ufffd\ue000"
_CASES = "ẞßİıŉǅΣσςΟΔΟΣΑΣΙΑﬃﬀĲÅÅΩKſᾼἈᏣꭰꞫⰀ𐐀ǈǲ"  # noqa: RUF001 (they are what is tested)
_MARKS = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "##", "##s", "#", "[", "]", "[ SEP ]")
_EMOJI = "😀👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪🇫🇷❤️☺️#️⃣🫠🪿\U0001fae9"
_SCRIPTS = (
    "支払いを分ける 夕食の請求書",
    "拆分晚餐账单𠀀𪜀𫠝𫠠𫤟你好",
    "저녁 식사 비용 나누기 한글",
    "تقسيم فاتورة العشاء مَرْحَبًا",
    "פיצול חשבון ארוחת ערב שָׁלוֹם",
    "रात के खाने का बिल हिन्दी क्षेत्र",
    "แบ่งบิลค่าอาหารเย็น",
    "Разделить счёт за ужин Ёлка",
    "Μοίρασε τον λογαριασμό ΣΊΣΥΦΟΣ",
    "Chia hoá đơn bữa tối Việt Nam",
    "e\u0301e\u0300o\u0308\u0323 Zalgo\u0316\u0317\u0318\u0319 a\u20e3",
)


def odd_texts(count: int, seed: int) -> list[str]:
    """So many texts, none twice, the same for the same seed: a fixed part, then draws of every kind in turn."""
    draw = random.Random(seed)
    texts = dict.fromkeys(_paired(text) for text in (*_fixed(), *_every_category(draw)))
    for kind in cycle(_kinds(draw)):
        if len(texts) >= count:
            break
        texts[_paired(kind())] = None
    return list(texts)[:count]


def _paired(text: str) -> str:
    """The text as JSON brings it: halves of a surrogate pair that meet are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _fixed() -> Iterator[str]:
    yield from ("", " ", "\x00", "?", *_MARKS, *_SCRIPTS, _EMOJI, _CASES, _BLANKS, _INVISIBLE, *FIXED)
    yield from ("a" * 99, "a" * 100, "a" * 101, "é" * 100, "😀" * 100, "z" + "\u0301" * 200, "1" * 500)
    yield from ("&#\u0663\u0664; bill", "\u5915\u98df\u306e\u8acb\u6c42 coffee", "1." * 2000, "x" * 8000 + " bill")
    yield from ("word " * 37, "word " * 38, "word " * 39, "word " * 200, "-" * 38, "-" * 39)
    yield from ("a " * (MAX_CHARACTERS // 2), "a " * MAX_CHARACTERS, " " * (MAX_CHARACTERS - 1) + "ab")
    yield from ("😀" * (MAX_CHARACTERS - 2) + " abc", "x" * (MAX_CHARACTERS + 1), "\ud83d", "a\udc00b", "\ude00\ud83d")


def _every_category(draw: random.Random) -> Iterator[str]:
    """Characters of every Unicode category, unassigned ones included, inside words and alone."""
    by_category = _by_category()
    for category in sorted(by_category):
        characters = by_category[category]
        for _ in range(40):
            some = draw.choices(characters, k=12)
            yield "".join(some[:4]) + " bill" + some[4] + "split " + " ".join(some[5:])


@cache
def _by_category() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for point in range(sys.maxunicode + 1):
        found.setdefault(unicodedata.category(chr(point)), []).append(chr(point))
    return found


def _kinds(draw: random.Random) -> Sequence[Callable[[], str]]:
    catalogue = [item.text for item in read_catalogue(DEMO_CATALOGUE)]
    words = sorted({word for text in catalogue for word in text.split()})
    alphabet = "".join((_BLANKS, _INVISIBLE, _CASES, _EMOJI, *_SCRIPTS))

    def ordinary() -> str:
        return draw.choice(catalogue)

    def shuffled() -> str:
        return " ".join(draw.choices(words, k=draw.randint(1, 60)))

    def damaged() -> str:
        """A text with odd characters strewn in, and perhaps the half of an emoji at its end."""
        text = list(draw.choice(catalogue))
        for _ in range(draw.randint(1, 8)):
            text.insert(draw.randrange(len(text)), draw.choice(alphabet))
        return "".join(text) + draw.choice(("", "", chr(draw.choice(_SURROGATES))))

    def mixed() -> str:
        return "".join(draw.choices(alphabet, k=draw.randint(1, 80)))

    def anything() -> str:
        """Any characters at all, half of surrogate pairs and unassigned ones included."""
        return "".join([chr(draw.randrange(sys.maxunicode + 1)) for _ in range(draw.randint(1, 30))])

    def long_words() -> str:
        return "".join(draw.choices(words, k=draw.randint(2, 40))) + " " + draw.choice(words)

    def marked() -> str:
        return draw.choice((" ", "")).join([draw.choice(_MARKS), draw.choice(words), draw.choice(_MARKS)])

    def unknown() -> str:
        """A text that the vocabulary may not know, alone or beside a word that it knows."""
        odd = "".join(draw.choices("".join((*_SCRIPTS[:8], _EMOJI)).replace(" ", ""), k=draw.randint(1, 12)))
        return draw.choice((odd, odd, f"{odd} {odd}", f"{odd} {draw.choice(words)}"))

    return (
        *(ordinary, shuffled, damaged, mixed, anything, long_words, marked),
        *(unknown, *lengths(draw, catalogue, words), *spellings(draw, words)),
    )
