import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.cleaning import MAX_CHARACTERS, clean


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Guitar strings &amp; picks", "Guitar strings & picks"),
        ("5 &lt; 6 &gt; 4 &quot;x&quot; &apos;y&apos;", "5 < 6 > 4 \"x\" 'y'"),
        ("caf&eacute; 20&nbsp;&pound;", "café 20\xa0£"),
        ("&#169; &#xae; &#X1F355;", "© ® \N{SLICE OF PIZZA}"),
        ("&amp;quot;Pizza&amp;quot;", '"Pizza"'),
        ("&amp;amp;amp;", "&amp;"),
        ("Ben &#150; Jerry&#146;s", "Ben \u2013 Jerry\u2019s"),
    ],
)
def test_entities_are_undone(text: str, read: str) -> None:
    assert clean(text) == read


@pytest.mark.parametrize(
    "text",
    ["a & b", "AT&T", "&nothing;", "&;", "&#;", "&#x;", "&amp", "& amp;", "&#1114112;", "&#xd800;", "&#12345678;"],
)
def test_what_stands_for_no_character_is_left_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("control", ["\x00", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9b", "\u200b", "&#0;", "&#11;"])
def test_controls_are_blank(control: str) -> None:
    assert clean(f"taxi{control}ride") == "taxi ride"


def test_blanks_stay() -> None:
    assert clean("a\tb\nc\rd e\xa0f") == "a\tb\nc\rd e\xa0f"


def test_lone_surrogates_become_question_marks() -> None:
    assert clean("a\ud800b \udfff") == "a?b ?"


def test_so_many_characters_are_read() -> None:
    assert clean("x" * (MAX_CHARACTERS + 1)) == "x" * MAX_CHARACTERS
    assert clean(" " * MAX_CHARACTERS + "taxi").isspace()


@given(text=st.text(st.characters(codec=None), max_size=50))
def test_any_text_comes_out_as_one_that_utf_8_holds(text: str) -> None:
    read = clean(text)
    assert read.encode().decode() == read
    assert len(read) <= len(text)
    if "&" not in text:
        assert len(read) == len(text)
        assert clean(read) == read
