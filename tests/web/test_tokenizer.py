"""The service's tokenizer on texts of every kind: what stock loaders are given does the same, and nothing breaks."""

import html
import random
import re
import sys
from collections.abc import Iterator

import pytest
from tokenizers import Tokenizer

from service.artifact.artifact import load_artifact
from service.settings import BUNDLED_MODEL
from service.text.windows import without_repetition
from service.text.wordpiece import WordPieceTokenizer
from tests.web.texts import odd_texts

_BLOCK = 0x80
_STREWN = "aZ5 ²™①½£\u0301\n\u200b&-.'"
_MARKS = re.compile(r"\[(?:PAD|UNK|CLS|SEP|MASK)\]")


@pytest.fixture(scope="module")
def tokenizer() -> WordPieceTokenizer:
    return WordPieceTokenizer(load_artifact(BUNDLED_MODEL))


def test_the_published_tokenizer_gives_a_short_text_s_tokens(tokenizer: WordPieceTokenizer) -> None:
    """But where there are entities, repetitions, halves of surrogate pairs or marks, which only the service minds."""
    stock = Tokenizer.from_file(str(BUNDLED_MODEL / "tokenizer.json"))
    texts = [one for one in odd_texts(9_500, 8) if not _MARKS.search(one) and html.unescape(one) == one]
    texts = [one for one in texts if one.encode("utf-8", "replace").decode() == one]
    compared = 0
    for text, tokenized in zip(texts, tokenizer.encode(texts), strict=True):
        found = stock.encode(text)
        whole = [*found.ids[1:-1], *[one for more in found.overflowing for one in more.ids[1:-1]]]
        if (
            len(tokenized.windows) == 1
            and not tokenized.truncated
            and without_repetition(whole, tokenizer.unknown_id) == whole
        ):
            assert found.ids == list(tokenized.windows[0]), ascii(text)
            compared += 1
    assert compared > 5_000


def test_characters_of_every_block_in_any_order_are_split(tokenizer: WordPieceTokenizer) -> None:
    """`tokenizers` panics where a normalizer puts something before a text's first character."""
    texts = list(_of_every_block(random.Random(5), 50_000))
    tokenized = tokenizer.encode(texts)
    assert len(tokenizer.terms(tokenized)) == len(texts)
    assert all(one.windows for one in tokenized)


def _of_every_block(draw: random.Random, count: int) -> Iterator[str]:
    """Texts of characters of one block each, and of others that change how they are split."""
    blocks = range(0, sys.maxunicode + 1, _BLOCK)
    for number in range(count):
        start = blocks[number % len(blocks)]
        text = [chr(start + draw.randrange(_BLOCK)) for _ in range(draw.randint(1, 12))]
        for _ in range(draw.randint(0, 4)):
            text.insert(draw.randrange(len(text) + 1), draw.choice(_STREWN))
        yield "".join(text)
