import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.responses.byte_ranges import is_known, parse_range
from service.errors import RangeNotSatisfiableError


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-", range(10)),
        ("bytes=0-0", range(1)),
        ("bytes=3-5", range(3, 6)),
        ("Bytes=3-5", range(3, 6)),
        ("bytes = 3 - 5", range(3, 6)),
        ("bytes=9-", range(9, 10)),
        ("bytes=3-99", range(3, 10)),
        ("bytes=3-999999999999999999", range(3, 10)),
        ("bytes=-1", range(9, 10)),
        ("bytes=-99", range(10)),
    ],
)
def test_a_part_is_asked_for(header: str, wanted: range) -> None:
    assert parse_range(header, 10) == wanted


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-3", "bytes=0-1,3-4", "lines=1-2", "bytes=1-2-3"),
        *("bytes=9999999999999999999999-", "bytes=\u0661-\u0662", "bytes=--1", "bytes=+1-2"),
    ],
)
def test_what_is_malformed_or_of_several_parts_is_ignored(header: str) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=99-", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused_with_the_length(header: str) -> None:
    with pytest.raises(RangeNotSatisfiableError) as raised:
        parse_range(header, 10)
    assert raised.value.headers == {"Content-Range": "bytes */10"}


def test_nothing_has_no_parts() -> None:
    for header in ("bytes=0-", "bytes=-5"):
        with pytest.raises(RangeNotSatisfiableError):
            parse_range(header, 0)


@given(st.text() | st.from_regex(r"bytes=\d{0,3}-\d{0,3}(,\d-)?", fullmatch=True), st.integers(0, 300))
def test_whatever_is_asked_the_part_lies_inside(header: str, length: int) -> None:
    try:
        wanted = parse_range(header, length)
    except RangeNotSatisfiableError:
        return
    assert wanted is None or (0 <= wanted.start < wanted.stop <= length and wanted.step == 1)


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_a_tag_is_known(header: str) -> None:
    assert is_known(header, '"a"')


@pytest.mark.parametrize("header", ["", "a", '"b"', '"aa"'])
def test_a_tag_is_not_known(header: str) -> None:
    assert not is_known(header, '"a"')
