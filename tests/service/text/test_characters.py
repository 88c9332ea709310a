import re
import unicodedata

import pytest

from service.text.characters import COMPATIBILITY, CONTROLS, SUPERSCRIPT_DIGITS, SYMBOLS, is_symbol

BEYOND_ASCII = [chr(point) for point in range(0x80, 0x110000)]
BLANK = "\t\n\r"
LEFT_TO_BERT = "\ufffc\ufffd"


def test_every_symbol_beyond_ascii_is_one() -> None:
    """All symbols of Unicode 14; a Python with later tables may know more."""
    missing = [one for one in BEYOND_ASCII if unicodedata.category(one)[0] == "S" and not is_symbol(one)]
    later = [one for one in missing if not unicodedata.ucd_3_2_0.category(one).startswith("S")]
    assert set(missing) - set(later) <= set(LEFT_TO_BERT)
    if unicodedata.unidata_version == "14.0.0":
        assert set(missing) == set(LEFT_TO_BERT)


def test_no_letter_and_no_mark_of_a_letter_is_a_symbol() -> None:
    taken = [one for one in BEYOND_ASCII if is_symbol(one)]
    assert [one for one in taken if unicodedata.category(one)[0] in "LPZ"] == []
    marks = {one for one in taken if unicodedata.category(one)[0] == "M"}
    assert marks == {"\u20e3", *[chr(point) for point in range(0xFE00, 0xFE10)]}, "how emoji are shown"


@pytest.mark.parametrize("one", "😀👍🏽🇩❤☺🪿£€®™©°×÷→✓★")  # noqa: RUF001 (they are what is tested)
def test_emoji_and_signs_are_symbols(one: str) -> None:
    assert is_symbol(one)


@pytest.mark.parametrize("one", "aé中ก7½²-’…+$&")  # noqa: RUF001 (they are what is tested)
def test_letters_digits_and_punctuation_are_none(one: str) -> None:
    assert not is_symbol(one)


def test_controls_are_those_that_are_no_blanks() -> None:
    is_control = re.compile(f"[{CONTROLS}]").fullmatch
    found = {chr(point) for point in range(0x110000) if is_control(chr(point))}
    controls = {chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) == "Cc"}
    assert found == (controls - set(BLANK)) | {"\u200b"}


@pytest.mark.parametrize("one", "½⅓Ⅳ№™℠①⑳⒈㎏㎡㈱🄰🆗\ufdfc")
def test_what_stands_for_several_letters_is_set_apart(one: str) -> None:
    assert re.fullmatch(f"[{COMPATIBILITY}]", one)
    assert unicodedata.normalize("NFKC", one) != one or is_symbol(one)


def test_forms_of_single_letters_are_not() -> None:
    apart = re.compile(f"[{COMPATIBILITY}]").fullmatch
    assert [one for one in "ｉ１ﬁªº²\u00b5é" if apart(one)] == []


def test_superscripts_are_digits() -> None:
    found = [one for one in BEYOND_ASCII if re.fullmatch(f"[{SUPERSCRIPT_DIGITS}]", one)]
    assert sorted(unicodedata.normalize("NFKC", one) for one in found) == sorted("0123456789")


def test_the_kinds_are_ranges_of_a_character_class() -> None:
    for kind in (CONTROLS, COMPATIBILITY, SUPERSCRIPT_DIGITS, SYMBOLS):
        assert "]" not in kind
        assert "\\" not in kind
