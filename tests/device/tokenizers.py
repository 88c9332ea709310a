"""The core's tokenizer, and what it must be the same as: the service's."""

import ctypes
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from service.artifact.artifact import VOCABULARY, Artifact, FileEntry, Manifest, TokenizerRules, load_artifact
from service.settings import BUNDLED_MODEL
from service.text.terms import Compound, Terms
from service.text.windows import MOST_WINDOWS
from service.text.wordpiece import TokenRow, WordPieceTokenizer
from tests.device.memory import Arena, Error, Text

V1 = TokenizerRules(lowercase=True, strip_accents=True, version=1)
V2 = V1.model_copy(update={"version": 2})
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")

_MOST_TERMS, _MOST_COMPOUNDS, _MOST_PARTS = 255, 8, 33


@cache
def _manifest(folder: Path) -> Manifest:
    return load_artifact(folder).manifest


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

    @classmethod
    def of(cls, tokens: Iterable[str], rules: TokenizerRules = V2, **bounds: int) -> "Shape":
        """The special tokens and others, none twice."""
        vocabulary = list(dict.fromkeys((*SPECIAL, *tokens)))
        return cls("\n".join(vocabulary).encode(), rules, len(vocabulary), **bounds)

    @classmethod
    def of_model(cls, folder: Path) -> "Shape":
        manifest = _manifest(folder)
        model = manifest.model
        return cls((folder / VOCABULARY).read_bytes(), manifest.tokenizer, model.vocabulary_size, model.max_length)


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

    def terms(self, ids: Sequence[int]) -> Terms:
        """The terms of token ids, as many as the windows hold, without compounds."""
        self.read(b"")
        words, terms = (ctypes.c_uint32 * len(ids))(*ids), _Terms()
        tokenized = _Tokenized(words, len(ids))
        self._core.er_find_terms(self._tokenizer, ctypes.byref(tokenized), ctypes.byref(terms))
        return _terms(terms)

    def row(self, first: bytes, second: bytes | None = None) -> TokenRow:
        ids, row = (ctypes.c_uint32 * self._shape.max_length)(), _Row()
        self._core.er_tokenize_row(self._tokenizer, Text.of(first), Text.of(second), ids, ctypes.byref(row))
        return TokenRow(ids[: row.count], row.second, row.truncated, row.readable)

    def _window(self, tokenized: _Tokenized, number: int) -> list[int]:
        ids = (ctypes.c_uint32 * self._shape.max_length)()
        count = self._core.er_window(self._tokenizer, ctypes.byref(tokenized), ctypes.c_uint32(number), ids)
        return ids[:count]


def service_tokenizer(shape: Shape) -> WordPieceTokenizer:
    """The service's tokenizer of a vocabulary."""
    manifest = _manifest(BUNDLED_MODEL)
    size = {"vocabulary_size": shape.size, "max_length": shape.max_length}
    entry = FileEntry(bytes=len(shape.vocabulary), sha256="0" * 64, device=True)
    update = {
        "tokenizer": shape.rules,
        "model": manifest.model.model_copy(update=size),
        "files": {VOCABULARY: entry},
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, VOCABULARY).write_bytes(shape.vocabulary)
        artifact = Artifact(Path(folder), manifest.model_copy(update=update))
        return WordPieceTokenizer(artifact, most_windows=shape.most_windows)


def utf8(text: str) -> bytes:
    """A text as it comes to the core, halves of surrogate pairs included."""
    return text.encode("utf-8", "surrogatepass")


class Pair:
    """Both tokenizers of a vocabulary."""

    def __init__(self, core: ctypes.CDLL, shape: Shape) -> None:
        self.device, self.service = DeviceTokenizer(core, shape), service_tokenizer(shape)

    def check(self, texts: Sequence[str]) -> None:
        """Both must make the same of each text, its terms included."""
        tokenized = self.service.encode(texts)
        for text, one, terms in zip(texts, tokenized, self.service.terms(tokenized), strict=True):
            read, found = self.device.read(utf8(text))
            windows = [list(window) for window in one.windows]
            assert read == Read(windows, list(one.words), one.truncated, one.readable), ascii(text)
            assert found == terms, ascii(text)

    def check_rows(self, inputs: Sequence[Sequence[str]]) -> list[TokenRow]:
        """Both must make the same rows, which are returned."""
        rows = self.service.rows(inputs)
        for texts, row in zip(inputs, rows, strict=True):
            assert self.device.row(*map(utf8, texts)) == row, ascii(texts)
        return rows


def _terms(terms: _Terms) -> Terms:
    compounds = tuple(Compound(one.whole, tuple(one.parts[: one.part_count])) for one in terms.compounds)
    hashes = bytes(terms.hashes)[: 2 * terms.count]
    return Terms(hashes, bytes(terms.rarities)[: terms.count], terms.repetition, compounds[: terms.compound_count])
