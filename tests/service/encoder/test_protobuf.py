import pytest

from service.encoder.protobuf import WireError, fields, low_bits, number_of

# What protoc makes of `{1: 150, 2: "testing", 3: fixed64 1, 4: fixed32 1}`.
MESSAGE = bytes.fromhex("089601120774657374696e671901000000000000002501000000")


def test_the_fields_of_a_message() -> None:
    found = [(number, kind, bytes(value)) for number, kind, value in fields(memoryview(MESSAGE))]
    assert found == [
        (1, 0, b"\x96\x01"),
        (2, 2, b"testing"),
        (3, 1, b"\1\0\0\0\0\0\0\0"),
        (4, 5, b"\1\0\0\0"),
    ]
    assert number_of(memoryview(found[0][2])) == 150
    assert list(fields(memoryview(b""))) == []


@pytest.mark.parametrize(
    "broken",
    [
        b"\x80",  # a tag without an end
        b"\xff" * 11,  # a tag that is too long
        b"\x08",  # a number is announced
        b"\x12\x05four",  # bytes are fewer than announced
        b"\x12" + b"\xff" * 9 + b"\x7f",  # bytes of an absurd number
        b"\x19\0\0\0\0",  # half of eight bytes
        b"\x0b\x0c",  # a group
        b"\x0f",  # no wire type
    ],
)
def test_what_is_no_message(broken: bytes) -> None:
    with pytest.raises(WireError):
        list(fields(memoryview(broken)))


def test_numbers_that_lie_one_behind_the_other() -> None:
    minus_one = b"\xff" * 9 + b"\x01"
    assert low_bits(b"\x01\x96\x01\xff\xff\x03\x80\x80\x04" + minus_one).tolist() == [1, 150, 65535, 0, 65535]
    assert low_bits(b"").tolist() == []
    with pytest.raises(WireError):
        low_bits(b"\x01\x96")
