import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.encoder.terms import MAX_TERMS, NO_TERMS, RARITY_SCALE, Lexicon, Terms

PIECES = ["[PAD]", "[CLS]", "a", ".", "##a", "the", "wine", "red", "##s", "##x", "1", "中"]
LEXICON = Lexicon(PIECES, marks=("[PAD]", "[CLS]"))


def terms(*texts: str) -> list[Terms]:
    return LEXICON.terms([[PIECES.index(piece) for piece in text.split()] for text in texts])


def rarities(of: Terms) -> list[float]:
    return [one / RARITY_SCALE for one in of.rarities]


def test_words_are_distinct_and_keep_their_order() -> None:
    one, reversed_one = terms("the red wine the", "wine red the")
    hashes = [one.hashes[at : at + 2] for at in range(0, len(one.hashes), 2)]
    assert len(set(hashes)) == 3
    assert reversed_one.hashes == b"".join(reversed(hashes))


def test_the_same_word_is_the_same_everywhere_and_its_pieces_make_it() -> None:
    alone, among, other, order = terms("wine ##s ##x", "the wine ##s ##x", "wine ##x", "wine ##x ##s")
    assert among.hashes.endswith(alone.hashes)
    assert len({alone.hashes, other.hashes, order.hashes}) == 3


def test_later_pieces_are_rarer_and_the_pieces_of_a_word_add_up() -> None:
    (kept,) = terms("a the a ##a")
    common, rare, joined = rarities(kept)
    assert common < rare < joined
    assert joined == pytest.approx(common + np.log(5) / np.log(12), abs=0.01)
    (most,) = terms("wine ##s ##s ##s ##s")
    assert rarities(most) == [1.5]


def test_punctuation_and_marks_are_no_words() -> None:
    assert terms(". .", "[CLS] [PAD]", "") == [NO_TERMS] * 3
    (kept,) = terms(". 1 . 中")
    assert len(kept.rarities) == 2


def test_a_text_s_first_piece_begins_a_word_even_if_it_would_go_on_with_one() -> None:
    one, two = terms("wine", "##s")
    assert (len(one.rarities), len(two.rarities)) == (1, 1)


def test_long_texts_keep_their_first_words() -> None:
    pieces = [*PIECES, *[f"w{number}" for number in range(100)]]
    (kept,) = Lexicon(pieces, marks=()).terms([list(range(len(PIECES), len(pieces)))])
    assert len(kept.rarities) == MAX_TERMS
    assert len(kept.hashes) == 2 * MAX_TERMS


@given(st.lists(st.lists(st.integers(0, len(PIECES) - 1), max_size=80), max_size=5))
def test_a_text_s_words_do_not_depend_on_its_company(rows: list[list[int]]) -> None:
    assert LEXICON.terms(rows) == [LEXICON.terms([row])[0] for row in rows]
