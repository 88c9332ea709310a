from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.windows import MOST_WINDOWS, OVERLAP, TITLE_TOKENS, capacity, windows_of, without_repetition

ROOMS = st.integers(8, 126)


def test_what_fits_is_one_window() -> None:
    assert windows_of([], 38) == [[]]
    assert windows_of(range(38), 38) == [range(38)]


def test_the_documented_numbers_of_windows() -> None:
    """As README and the metrics say: 38 tokens at once, and eight windows."""
    assert capacity(38, 1) == 38
    assert capacity(38, MOST_WINDOWS) == 38 + 7 * (38 - TITLE_TOKENS - OVERLAP)
    assert [len(windows_of(range(count), 38)) for count in (39, 64, 65, 220)] == [2, 2, 3, 8]


@given(room=ROOMS, most=st.integers(1, 64), data=st.data())
def test_windows_hold_a_text_whole(room: int, most: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, capacity(room, most)))
    windows = windows_of(range(count), room)
    assert len(windows) <= most
    assert max(len(one) for one in windows) <= room
    assert len({len(one) for one in windows}) == 1
    assert list(windows[0]) == list(range(len(windows[0])))
    assert sorted({token for one in windows for token in one}) == list(range(count))


@given(room=ROOMS, count=st.integers(1, 3000))
def test_further_windows_begin_with_the_lead_and_share_some_tokens(room: int, count: int) -> None:
    windows = windows_of(range(count), room)
    title, overlap = min(TITLE_TOKENS, room // 4), min(OVERLAP, room // 4)
    for before, after in pairwise(windows):
        assert list(after[:title]) == list(range(title))
        assert after[title] <= before[-1] + 1 - overlap
    if len(windows) > 1:
        assert capacity(room, len(windows) - 1) < count <= capacity(room, len(windows)), "as few as hold them"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", ""),
        ("abc", "abc"),
        ("aa", "aa"),
        ("aaa", "a"),
        ("xaaay", "xy"),
        ("aaay", "ay"),
        ("aaaay", "y"),
        ("abab", "abab"),
        ("ababab", "ab"),
        ("xabababy", "xy"),
        ("abababy", "aby"),
        ("ababababy", "y"),
        ("abababa", "ab"),
        ("abcdeabcde", "abcdeabcde"),
        ("abcdefghabcdefgh", "abcdefgh"),
        ("abcdefghabcdefghx", "abcdefghx"),
        ("aaabbb", "a"),
        ("abacadae", "abacadae"),
    ],
)
def test_what_is_said_over_and_over_is_said_once(said: str, read: str) -> None:
    assert list(without_repetition(list(said.encode()))) == list(read.encode())


@given(ids=st.lists(st.integers(0, 5), max_size=40))
def test_something_is_left_and_nothing_is_new(ids: list[int]) -> None:
    read = list(without_repetition(ids))
    assert set(read) <= set(ids)
    assert bool(read) == bool(ids)
    assert len(read) <= len(ids)


@given(phrase=st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True), times=st.integers(3, 9))
def test_a_phrase_is_read_once_where_it_is_all_there_is(phrase: list[int], times: int) -> None:
    assert list(without_repetition(phrase * times)) == phrase
    assert list(without_repetition([100, *phrase * times, 101])) == [100, 101]


def test_unknown_words_are_not_one_word_said_again() -> None:
    assert list(without_repetition([1, 1, 1, 1, 7], unknown=1)) == [1, 1, 1, 1, 7]
    assert list(without_repetition([1, 5, 5, 5, 7], unknown=1)) == [1, 7]


@given(ids=st.lists(st.integers(0, 99), max_size=60, unique=True))
def test_a_text_without_repetition_is_read_as_it_is(ids: list[int]) -> None:
    assert without_repetition(ids) is ids
