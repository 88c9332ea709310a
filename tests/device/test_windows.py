"""Windows, repeated phrases and shares of a row: the core's functions beside the service's."""

import ctypes
import random
from collections.abc import Sequence
from itertools import product

import pytest

from service.text.pair_row import joined
from service.text.windows import capacity, windows_of, without_repetition
from tests.device.memory import Arena, Error

_WORDS = 9_000


class _Repetition(ctypes.Structure):
    _fields_ = (("last", ctypes.c_void_p), ("kept", ctypes.c_void_p))


class Phrases:
    """The core's removal of repeated phrases, of texts of 64 different tokens."""

    def __init__(self, core: ctypes.CDLL) -> None:
        self._core, self._arena, self._state = core, Arena(), _Repetition()
        core.er_load_repetition.restype = ctypes.c_bool
        core.er_drop_repetition.restype = ctypes.c_uint32
        sizes = (ctypes.c_uint32(64), ctypes.c_uint32(_WORDS))
        assert core.er_load_repetition(*map(ctypes.byref, (self._state, self._arena)), *sizes, ctypes.byref(Error()))

    def without(self, ids: Sequence[int], unknown: int, most: int = _WORDS) -> tuple[list[int], int]:
        """The tokens that are kept, as far as there is room, and how many there are."""
        words = (ctypes.c_uint32 * most)()
        given = (ctypes.c_uint16 * len(ids))(*ids)
        kept = self._core.er_drop_repetition(
            *(ctypes.byref(self._state), given, ctypes.c_uint32(len(ids)), ctypes.c_uint16(unknown)),
            *(words, ctypes.c_uint32(most)),
        )
        return words[: min(kept, most)], kept


@pytest.fixture(scope="module")
def phrases(core: ctypes.CDLL) -> Phrases:
    return Phrases(core)


def check(phrases: Phrases, ids: Sequence[int], unknown: int = 63) -> None:
    wanted = list(without_repetition(ids, unknown))
    assert phrases.without(ids, unknown) == (wanted, len(wanted)), ids


def test_all_short_texts(phrases: Phrases) -> None:
    """Of two and three different tokens, all of them; also where one is unknown."""
    for letters, longest in ((2, 12), (3, 8)):
        for length in range(longest + 1):
            for ids in product(range(letters), repeat=length):
                check(phrases, ids)
                check(phrases, ids, 1)


def test_long_texts(phrases: Phrases) -> None:
    draw = random.Random(5)
    for _ in range(4_000):
        tokens = draw.choice((2, 3, 8, 62))
        pool = [[draw.randrange(tokens) for _ in range(draw.randint(1, 14))] for _ in range(3)]
        ids = [one for _ in range(draw.randint(1, 7)) for one in draw.choice(pool) * draw.choice((1, 1, 2, 3, 4, 5))]
        for _ in range(draw.choice((0, 0, 1, 3))):
            ids[draw.randrange(len(ids))] = draw.randrange(64)
        check(phrases, ids, draw.choice((63, 0)))


def test_long_phrases(phrases: Phrases) -> None:
    draw = random.Random(6)
    for period in (1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 500):
        phrase = [draw.randrange(60) for _ in range(period)]
        for times in (1, 2, 3, 4, 5, 17):
            for before, behind in product(([], [61], [*range(62)]), ([], [62], phrase[: period // 2])):
                check(phrases, [*before, *phrase * times, *behind])
                check(phrases, [*before, *phrase * times, *behind], phrase[0])


def test_texts_as_long_as_can_be(phrases: Phrases) -> None:
    for ids in ([1] * _WORDS, [1, 2] * (_WORDS // 2), [*[1] * (_WORDS - 1), 2], [2, *[1] * (_WORDS - 1)]):
        check(phrases, ids)
        check(phrases, ids, 1)
    fibonacci, longer = [1], [1, 2]
    while len(longer) < _WORDS * 3 // 5:
        fibonacci, longer = longer, longer + fibonacci
    check(phrases, longer)


def test_room_for_few_words(phrases: Phrases) -> None:
    draw = random.Random(7)
    for _ in range(2_000):
        ids = [draw.randrange(4) for _ in range(draw.randint(1, 40))] * draw.choice((1, 1, 1, 3))
        wanted = list(without_repetition(ids, 63))
        most = draw.randint(1, 20)
        assert phrases.without(ids, 63, most) == (wanted[:most], len(wanted))


def test_windows(core: ctypes.CDLL) -> None:
    for room in (*range(1, 40), 46, 126, 510, 2046):
        words = list(range(5, 5 + capacity(room, 9)))
        given = (ctypes.c_uint32 * len(words))(*words)
        for most in (1, 2, 8, 64):
            assert core.er_capacity(ctypes.c_uint32(room), ctypes.c_uint32(most)) == capacity(room, most)
        # Every length of small windows, a hundred or more of large ones.
        for count in range(0, len(words) + 1, 1 + len(words) // 150):
            numbers = (ctypes.c_uint32(count), ctypes.c_uint32(room))
            made = []
            for number in range(core.er_count_windows(*numbers)):
                ids = (ctypes.c_uint32 * room)()
                made.append(ids[: core.er_fill_window(given, *numbers, ctypes.c_uint32(number), ids)])
            assert made == [list(window) for window in windows_of(words[:count], room)], (count, room)


def test_shares_of_a_row(core: ctypes.CDLL) -> None:
    for room, first, second in product(
        (1, 2, 3, 6, 7, 37), (*range(9), 18, 19, 36, 37, 90), (*range(9), 18, 19, 37, 90)
    ):
        counts = (ctypes.c_uint32 * 2)(first, second)
        core.er_share_room(ctypes.c_uint32(room), counts)
        row = joined([[7] * first, [8] * second], 0, 1, room + 3)
        assert list(counts) == [row.ids.count(7), row.ids.count(8)], (room, first, second)
