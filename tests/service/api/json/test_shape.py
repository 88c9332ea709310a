import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.api.json.shape import Shape, Widest, most_values, shape_of

PLENTY = 1_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(alphabet='a",[]{}\\:\n😀'),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(alphabet='ab",[{\\'), inner, max_size=5),
)


def counted(value: Any) -> tuple[int, int, int]:
    """Values but keys, the longest array and the widest object of parsed JSON."""
    if not isinstance(value, list | dict):
        return 1, 0, 0
    inner = [counted(one) for one in (value.values() if isinstance(value, dict) else value)]
    arrays, objects = [len(value)] * isinstance(value, list), [len(value)] * isinstance(value, dict)
    return (
        1 + sum(one[0] for one in inner),
        max([*arrays, *(one[1] for one in inner)], default=0),
        max([*objects, *(one[2] for one in inner)], default=0),
    )


@given(JSON, st.booleans())
def test_counts_are_those_of_the_parsed_body(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    values, array, widest = counted(value)
    shape = shape_of(body, PLENTY)
    assert values <= shape.values <= most_values(body)
    # What is empty counts as one.
    assert shape.array.members == max(array, 1 if b"[" in _structure(value) else 0)
    assert shape.object.members == max(widest, 1 if b"{" in _structure(value) else 0)


def _structure(value: Any) -> bytes:
    """The brackets of parsed JSON, without its texts."""
    if isinstance(value, dict):
        return b"{" + b"".join(map(_structure, value.values()))
    return b"[" + b"".join(map(_structure, value)) if isinstance(value, list) else b""


def test_what_is_widest_has_its_name() -> None:
    body = b'{"history": [{"a": [1, 2]}], "candidates" : [1, 2, 3, 4], "user": {"x": 1, "y": 2}}'
    assert shape_of(body, PLENTY) == Shape(14, Widest(4, "candidates"), Widest(3))
    assert shape_of(b'{"user": {"x": 1, "y": 2}}', PLENTY).object == Widest(2, "user")
    assert shape_of(b'[[1, 2], "not \\", a key"]', PLENTY).array.key == ""


def test_of_too_many_values_only_the_number_is_reported() -> None:
    assert shape_of(b"[" + b"[]," * 99 + b"[]]", 50) == Shape(201)


def test_what_is_no_json_has_some_shape() -> None:
    for body in (b"", b'"', b"]]]]", b"[" * 1000, b'{"a' * 500, b"\xff\x00,,,", b"\\", b'"\\'):
        assert shape_of(body, PLENTY).values > 0
