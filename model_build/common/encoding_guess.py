"""What a file that is not UTF-8 text is instead, as far as its bytes tell."""

import codecs
import re
from collections.abc import Iterable
from itertools import chain, islice

_SAMPLE = 1 << 16  # bytes that are looked at beside the first that is amiss
_ZEROS = 0.2  # of the bytes of UTF-16 text in Latin letters about half are zero
_CONTROLS = 0.02  # more control characters than that are in no text
_BINARY = "it is a binary file, not text"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


def describe(lines: Iterable[bytes]) -> str:
    """Say where a file stops being UTF-8, what it seems to be, and what to do about it.

    Args:
        lines: the file's, each with its line end; at least one is no UTF-8 text or holds a zero byte.
    """
    known = iter(lines)
    first = next(known, b"")
    if first.startswith(_UTF16):
        return f"it is UTF-16 text; {_convert('UTF-16')}"
    foreign_text = False
    for number, line in enumerate(chain([first], known), start=1):
        if b"\0" in line:
            sample = line + b"".join(islice(known, 100))
            return f"line {number} holds a zero byte; {_with_zeros(sample[:_SAMPLE])}"
        try:
            foreign_text |= not line.decode("utf-8").isascii()
        except UnicodeDecodeError as error:
            where = f"line {number}, byte {error.start + 1} is 0x{line[error.start]:02x}"
            if foreign_text:  # what came before was UTF-8: the file has a torn character, or text of another kind
                return f"{where}, but the lines before are UTF-8; mend that line"
            sample = line + b"".join(islice(known, 1000))
            return f"{where}; {_without_zeros(sample[:_SAMPLE])}"
    return "it is torn"


def _with_zeros(sample: bytes) -> str:
    """UTF-16 has zeros beside letters: at odd places where the lesser byte comes first, at even ones else."""
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if _has_controls(sample) or odd + even < len(sample) * _ZEROS or min(odd, even) > max(odd, even) / 10:
        return _BINARY
    return f"it seems to be UTF-16 text; {_convert('UTF-16LE' if odd > even else 'UTF-16BE')}"


def _without_zeros(sample: bytes) -> str:
    """Two bytes above 127 in a row are a Chinese character; letters with accents stand alone among others."""
    if _has_controls(sample):
        return _BINARY
    runs = _HIGH_BYTES.findall(sample)
    pairs = sum(len(run) > 1 for run in runs)
    return f"it seems to be another encoding; {_convert('GBK' if pairs > len(runs) / 2 else 'LATIN1')}"


def _has_controls(sample: bytes) -> bool:
    return sum(0 < byte < 32 and byte not in b"\t\n\r\f" for byte in sample) > len(sample) * _CONTROLS


def _convert(encoding: str) -> str:
    return f"convert it to UTF-8, e.g. iconv -f {encoding} -t UTF-8"
