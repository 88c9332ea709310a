import pytest

from model_build.common.encoding import describe


@pytest.mark.parametrize(
    ("content", "where", "encoding"),
    [
        ("first\n借呗怎么还款\n".encode("gb18030"), "line 2, byte 1 is 0xbd", "GB18030"),
        ("花呗\n".encode("gbk"), "line 1, byte 1 is 0xbb", "GB18030"),
        ("café au lait\nMüller\n".encode("latin-1"), "line 1, byte 4 is 0xe9", "CP1252"),
        ("Müller\n".encode("cp1252"), "line 1, byte 2 is 0xfc", "CP1252"),
        ("a\n".encode("utf-16-le"), "line 1 holds a zero byte", "UTF-16LE"),
        ("plain text\n".encode("utf-16-be"), "line 1 holds a zero byte", "UTF-16BE"),
        ("花呗\n".encode("utf-16"), "line 1, byte 1 is 0xff", "UTF-16"),
    ],
)
def test_encodings_are_recognised(content: bytes, where: str, encoding: str) -> None:
    advice = f"it seems to be {encoding}; convert it to UTF-8, e.g. iconv -f {encoding} -t UTF-8"
    assert describe(content.splitlines(keepends=True)) == f"{where}; {advice}"


@pytest.mark.parametrize(
    "content", [bytes(range(256)), b"\x89PNG\r\n\x1a\n\xff\x01\x02\x03\x04", b"\x1f\x8b\x08\x00\x00\x01"]
)
def test_binary_files_are_no_text(content: bytes) -> None:
    assert "it is a binary file, not text" in describe(content.splitlines(keepends=True))


def test_one_torn_line_of_a_file_in_utf8_is_not_another_encoding() -> None:
    lines = ["花呗\n".encode(), b"caf\xc3\n"]
    assert describe(lines) == "line 2, byte 4 is 0xc3, but the lines before are UTF-8; correct that line"
