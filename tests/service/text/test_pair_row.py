import pytest

from service.text.pair_row import Row, joined

CLS, SEP = 2, 3


def test_a_text_stands_between_its_marks() -> None:
    assert joined([[7, 8]], CLS, SEP, 8) == Row([CLS, 7, 8, SEP], 4, truncated=False)


def test_the_second_text_of_a_pair_begins_behind_the_first_ones_end() -> None:
    row = joined([[7, 8], [9]], CLS, SEP, 8)
    assert row == Row([CLS, 7, 8, SEP, 9, SEP], 4, truncated=False)
    assert row.ids[row.second :] == [9, SEP]


def test_a_long_text_is_cut_at_its_end() -> None:
    assert joined([[7, 8, 9]], CLS, SEP, 4) == Row([CLS, 7, 8, SEP], 4, truncated=True)


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ((10, 2), (3, 2)),
        ((2, 10), (2, 3)),
        ((10, 10), (3, 2)),
        ((3, 10), (3, 2)),
        ((0, 10), (0, 5)),
        ((5, 0), (5, 0)),
        ((3, 2), (3, 2)),
    ],
)
def test_of_a_long_pair_the_longer_text_is_cut_first(lengths: tuple[int, int], kept: tuple[int, int]) -> None:
    row = joined([[10] * lengths[0], [20] * lengths[1]], CLS, SEP, 8)
    assert (row.ids.count(10), row.ids.count(20)) == kept
    assert len(row.ids) <= 8
    assert row.truncated is (kept != lengths)
