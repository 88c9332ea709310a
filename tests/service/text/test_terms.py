import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.artifact.artifact import load_artifact
from service.settings import BUNDLED_MODEL
from service.text.terms import IDF_SCALE, MAX_TERMS, NO_TERMS, Lexicon, Terms, word_hash
from service.text.wordpiece import read_vocabulary

PIECES = ["[PAD]", "[CLS]", "a", ".", "##a", "the", "wine", "red", "##s", "##x", "1", "中"]
LEXICON = Lexicon(PIECES, special_tokens=("[PAD]", "[CLS]"))


def terms(*texts: str) -> list[Terms]:
    return LEXICON.terms([[PIECES.index(piece) for piece in text.split()] for text in texts])


def hashes(of: Terms) -> list[int]:
    found: list[int] = np.frombuffer(of.hashes, dtype="<u2").tolist()
    return found


def idf(of: Terms) -> list[float]:
    return [one / IDF_SCALE for one in of.idf]


def test_words_are_distinct_and_keep_their_order() -> None:
    one, reversed_one = terms("the red wine the", "wine red the")
    assert hashes(one) == [word_hash(word) for word in ("the", "red", "wine")]
    assert hashes(reversed_one) == hashes(one)[::-1]


def test_the_same_word_is_the_same_everywhere_and_its_pieces_make_it() -> None:
    alone, among, other, order = terms("wine ##s ##x", "the wine ##s ##x", "wine ##x", "wine ##x ##s")
    assert among.hashes.endswith(alone.hashes)
    assert len({alone.hashes, other.hashes, order.hashes}) == 3


def test_a_word_is_the_same_however_it_was_cut() -> None:
    pieces = ["w", "##i", "##ne", "##in", "##e", "wine", "##s", "wines"]
    cuts = ["wines", "wine ##s", "w ##in ##e ##s", "w ##i ##ne ##s"]
    kept = Lexicon(pieces, special_tokens=()).terms([[pieces.index(one) for one in cut.split()] for cut in cuts])
    assert {tuple(hashes(one)) for one in kept} == {(word_hash("wines"),)}
    assert word_hash("wines") != word_hash("swine")


def test_a_word_of_many_letters_is_a_word() -> None:
    pieces = ["a", "##a"]
    first, second = Lexicon(pieces, special_tokens=()).terms([[0] + [1] * 2000, [0] + [1] * 2001])
    assert len(hashes(first)) == len(hashes(second)) == 1


def test_words_of_the_bundled_vocabulary_meet_by_chance_alone() -> None:
    spellings = {piece.removeprefix("##") or piece for piece in read_vocabulary(load_artifact(BUNDLED_MODEL))}
    by_chance = 65536 * (1 - math.exp(-len(spellings) / 65536))
    assert len({word_hash(one) for one in spellings}) == pytest.approx(by_chance, rel=0.02)


def test_later_pieces_are_rarer_and_the_pieces_of_a_word_add_up() -> None:
    (kept,) = terms("a the a ##a")
    common, rare, joined = idf(kept)
    assert common < rare < joined
    assert joined == pytest.approx(common + np.log(5) / np.log(12), abs=0.01)
    (most,) = terms("wine ##s ##s ##s ##s")
    assert idf(most) == [1.5]


def test_punctuation_and_marks_are_no_words() -> None:
    assert terms(". .", "[CLS] [PAD]", "") == [NO_TERMS] * 3
    (kept,) = terms(". 1 . 中")
    assert len(kept.idf) == 2


def test_symbols_that_tell_things_apart_are_words() -> None:
    pieces = ["c", "+", "#", "%", "°", "£", "®", "&", "-"]
    (kept,) = Lexicon(pieces, special_tokens=()).terms([list(range(len(pieces)))])
    assert hashes(kept) == [word_hash(one) for one in ("c", "+", "#", "%", "°", "£")]


@pytest.mark.parametrize(
    ("text", "repetition"),
    [
        ("the red wine", 0),
        ("the wine the wine", 0),
        ("wine the wine red wine 1", 0),
        ("wine the wine the wine red 1 wine the", 127),
        ("wine " * 5, 255),
        ("wine " * 50, 255),
    ],
)
def test_what_is_said_for_the_third_time_or_more_is_repetition(text: str, repetition: int) -> None:
    (kept,) = terms(text)
    assert kept.repetition == repetition


def compounds(text: str) -> dict[int, tuple[int, ...]]:
    """The parts of each compound of a text, by the whole."""
    row = [PIECES.index("wine")]
    (kept,) = LEXICON.terms([row], [text])
    assert hashes(kept) == [word_hash("wine"), *[one.whole for one in kept.compounds]]
    assert list(kept.idf[1:]) == [0] * len(kept.compounds)
    return {one.whole: one.parts for one in kept.compounds}


def parts(*words: str) -> tuple[int, ...]:
    return tuple(word_hash(one) for one in words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("T-shirt", ["t", "shirt"]),
        ("a white T\u2011shirt, new", ["t", "shirt"]),
        ("wi-fi", ["wi", "fi"]),
        ("H&M", ["h", "m"]),
        ("it's", ["it", "s"]),
        ("it\u2019s", ["it", "s"]),
        ("U.S.A.", ["u", "s", "a"]),
        ("1,000", ["1", "000"]),
        ("10,000,000", ["10", "000", "000"]),
        ("xj-900", ["xj", "900"]),
    ],
)
def test_a_word_that_is_spelt_in_parts_is_also_kept_as_one(text: str, words: list[str]) -> None:
    assert compounds(text) == {word_hash("".join(words)): parts(*words)}


@pytest.mark.parametrize(
    "text",
    [
        "wine",
        "-wine-",
        "red--wine",
        "red & wine",
        "red - wine",
        "3.5",
        "1,00",
        "1,0000",
        "red, wine",
        "end.",
        "\u65e5-\u672c",
        "x" * 60 + "-yyyy",
    ],
)
def test_what_is_no_compound(text: str) -> None:
    assert compounds(text) == {}


def test_of_many_compounds_the_first_are_kept() -> None:
    assert len(compounds("a-b b-c c-d d-e e-f f-g g-h h-i i-j j-k")) == 8


def test_compounds_have_their_place_in_a_text_of_many_words() -> None:
    pieces = [*PIECES, *[f"w{number}" for number in range(MAX_TERMS)]]
    (kept,) = Lexicon(pieces, special_tokens=()).terms([list(range(len(PIECES), len(pieces)))], ["T-shirt"])
    assert len(kept.idf) == MAX_TERMS
    assert hashes(kept)[-2:] == [word_hash(f"w{MAX_TERMS - 2}"), word_hash("tshirt")]


def test_a_text_s_first_piece_begins_a_word_even_if_it_would_go_on_with_one() -> None:
    one, two = terms("wine", "##s")
    assert (len(one.idf), len(two.idf)) == (1, 1)
    assert hashes(two) == [word_hash("##s")], "spelt so by its author"


def test_long_texts_keep_their_first_words() -> None:
    pieces = [*PIECES, *[f"w{number}" for number in range(MAX_TERMS + 9)]]
    (kept,) = Lexicon(pieces, special_tokens=()).terms([list(range(len(PIECES), len(pieces)))])
    assert len(kept.idf) == MAX_TERMS
    assert hashes(kept) == [word_hash(f"w{number}") for number in range(MAX_TERMS)]


@given(st.lists(st.lists(st.integers(0, len(PIECES) - 1), max_size=80), max_size=5))
def test_a_text_s_words_do_not_depend_on_its_company(rows: list[list[int]]) -> None:
    assert LEXICON.terms(rows) == [LEXICON.terms([row])[0] for row in rows]
