"""Describe why a file is not UTF-8, for an error message."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from itertools import islice

from charset_normalizer import from_bytes

_SAMPLE_LINES, _SAMPLE_BYTES = 1000, 1 << 16
_MIN_ZEROS = 0.2  # share of zero bytes in UTF-16 text of Latin letters, at least
# Python's names and iconv's; with more candidates, short texts are mistaken for rare encodings.
_ENCODINGS = {
    "utf_16": "UTF-16",
    "utf_16_le": "UTF-16LE",
    "utf_16_be": "UTF-16BE",
    "gb18030": "GB18030",
    "cp1252": "CP1252",
}


def describe(lines: Iterable[bytes]) -> str:
    """Say where a file stops being UTF-8 text, its likely encoding, and how to convert it.

    Args:
        lines: of the file, with their line ends; at least one is not UTF-8 or holds a zero byte.
    """
    is_utf8, rest = False, iter(lines)
    for number, line in enumerate(rest, start=1):
        where = f"line {number} holds a zero byte"
        try:
            text = line.decode("utf-8")
            if "\0" not in text:
                is_utf8 |= not text.isascii()
                continue
        except UnicodeDecodeError as error:
            where = f"line {number}, byte {error.start + 1} is 0x{line[error.start]:02x}"
            if is_utf8:
                return f"{where}, but the lines before are UTF-8; correct that line"
        sample = line + b"".join(islice(rest, _SAMPLE_LINES))
        return f"{where}; {_advice(sample[:_SAMPLE_BYTES])}"
    return "it is truncated"


def _advice(sample: bytes) -> str:
    is_binary = 0 < sample.count(0) < _MIN_ZEROS * len(sample) and not sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    best = None if is_binary else from_bytes(sample, cp_isolation=list(_ENCODINGS)).best()
    if best is None:
        return "it is a binary file, not text"
    name = _ENCODINGS[best.encoding]
    return f"it seems to be {name}; convert it to UTF-8, e.g. iconv -f {name} -t UTF-8"
