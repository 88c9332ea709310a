"""The core's tokenizer, and what it must be the same as: the service's."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.artifact.artifact import TokenizerRules
from service.text.terms import Compound, Terms
from service.text.windows import MOST_WINDOWS
from service.text.wordpiece import TokenRow
from tests.device.memory import Arena, Error, Text

_MOST_TERMS, _MOST_COMPOUNDS, _MOST_PARTS = 255, 8, 33


class DeviceError(Exception):
    """The core refused a file; `status` is one of `er_status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Rules(ctypes.Structure):
    _fields_ = (("lowercase", ctypes.c_bool), ("strip_accents", ctypes.c_bool), ("version", ctypes.c_uint32))


class _Tokenized(ctypes.Structure):
    _fields_ = (
        ("words", ctypes.POINTER(ctypes.c_uint32)),
        ("count", ctypes.c_uint32),
        ("windows", ctypes.c_uint32),
        ("truncated", ctypes.c_bool),
        ("readable", ctypes.c_bool),
    )


class _Compound(ctypes.Structure):
    _fields_ = (("whole", ctypes.c_uint16), ("part_count", ctypes.c_uint16), ("parts", ctypes.c_uint16 * _MOST_PARTS))


class _Terms(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_uint32),
        ("compound_count", ctypes.c_uint32),
        ("repetition", ctypes.c_uint32),
        ("hashes", ctypes.c_uint16 * _MOST_TERMS),
        ("rarities", ctypes.c_uint8 * _MOST_TERMS),
        ("compounds", _Compound * _MOST_COMPOUNDS),
    )


class _Row(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_uint32),
        ("second", ctypes.c_uint32),
        ("truncated", ctypes.c_bool),
        ("readable", ctypes.c_bool),
    )


class Read(NamedTuple):
    """What both tokenizers make of a text."""

    windows: Sequence[Sequence[int]]
    words: Sequence[int]
    truncated: bool
    readable: bool


@dataclass(frozen=True)
class Shape:
    """A vocabulary and how it is read."""

    vocabulary: bytes
    rules: TokenizerRules
    size: int
    max_length: int = 40
    most_windows: int = MOST_WINDOWS


class DeviceTokenizer:
    """The core's tokenizer.

    Attributes:
        arena: the memory that it took.
    """

    def __init__(self, core: ctypes.CDLL, shape: Shape, *, memory: int = 1 << 30) -> None:
        self._core, self._shape = core, shape
        self.arena = Arena(memory)
        error = Error()
        core.er_load_tokenizer.restype = ctypes.c_void_p
        core.er_window.restype = ctypes.c_uint32
        rules = _Rules(shape.rules.lowercase, shape.rules.strip_accents, shape.rules.version)
        self._vocabulary = Text.of(shape.vocabulary)
        sizes = map(ctypes.c_uint32, (shape.size, shape.max_length, shape.most_windows))
        self._tokenizer = ctypes.c_void_p(
            core.er_load_tokenizer(ctypes.byref(self.arena), self._vocabulary, rules, *sizes, ctypes.byref(error))
        )
        if not self._tokenizer:
            self.free()
            raise DeviceError(error.status, error.message.decode())

    def free(self) -> None:
        self._core.er_give_back(ctypes.byref(self.arena))

    def read(self, text: bytes) -> tuple[Read, Terms]:
        tokenized, terms = _Tokenized(), _Terms()
        self._core.er_tokenize(self._tokenizer, Text.of(text), ctypes.byref(tokenized))
        self._core.er_find_terms(self._tokenizer, ctypes.byref(tokenized), ctypes.byref(terms))
        read = Read(
            [self._window(tokenized, number) for number in range(tokenized.windows)],
            tokenized.words[: tokenized.count],
            tokenized.truncated,
            tokenized.readable,
        )
        return read, _terms(terms)

    def row(self, first: bytes, second: bytes | None = None) -> TokenRow:
        ids, row = (ctypes.c_uint32 * self._shape.max_length)(), _Row()
        self._core.er_tokenize_row(self._tokenizer, Text.of(first), Text.of(second), ids, ctypes.byref(row))
        return TokenRow(ids[: row.count], row.second, row.truncated, row.readable)

    def _window(self, tokenized: _Tokenized, number: int) -> list[int]:
        ids = (ctypes.c_uint32 * self._shape.max_length)()
        count = self._core.er_window(self._tokenizer, ctypes.byref(tokenized), ctypes.c_uint32(number), ids)
        return ids[:count]


def _terms(terms: _Terms) -> Terms:
    compounds = tuple(Compound(one.whole, tuple(one.parts[: one.part_count])) for one in terms.compounds)
    hashes = bytes(terms.hashes)[: 2 * terms.count]
    return Terms(hashes, bytes(terms.rarities)[: terms.count], terms.repetition, compounds[: terms.compound_count])
