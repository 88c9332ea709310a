"""Rank and classify from Python through the core's shared library (`python -m device.build shared edge_rank.so`).

    model = Model.load(Path("edge_rank.so"), Path("service/assets/model"))
    found = model.embed(["Taxi. Call a car.", "Split bill. Share a restaurant bill."])
    candidates = [Candidate(str(at), one) for at, one in enumerate(found.features)]
    ranking = model.rank(candidates, model.query("share the bill"))

Members are those of `include/edge_rank.h`, which explains them.
"""

import ctypes
import math
from collections.abc import Sequence
from ctypes import c_double, c_float, c_size_t, c_uint8, c_uint32, c_void_p
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

SIGNALS = (
    "query_similarity",
    "query_overlap",
    "query_lead_overlap",
    "history_similarity",
    "history_peak",
    "history_overlap",
    "skip_similarity",
    "repeat",
    "category_affinity",
    "upstream_score",
    "upstream_position",
    "popularity",
    "freshness",
    "repetition",
    "just_bought",
)
ACTIONS = ("view", "click", "purchase", "skip")
RANKERS = ("fused", "dense", "lexical", "upstream")
STATUSES = ("ok", "out_of_memory", "file_missing", "file_invalid", "unsupported", "wrong_model", "argument")


class CoreError(Exception):
    """The core refused; `status` is one of `STATUSES`."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Candidate:
    """A candidate; `features` None: nothing is known of its text, `nan`: a number is not known."""

    id: str
    features: bytes | None = None
    category: str | None = None
    score: float = math.nan
    popularity: float = math.nan
    age_s: float = math.nan
    unreadable: bool = False


@dataclass(frozen=True)
class Event:
    """What the user did."""

    action: str
    item_id: str | None = None
    features: bytes | None = None
    category: str | None = None
    age_s: float = math.nan


@dataclass(frozen=True)
class Embedded:
    """Texts that were read.

    Attributes:
        vectors: float32 `[texts, dimension]`, unit rows.
        features: of each text, what a ranking needs of an item.
        tokens: of each text, how many the model read.
    """

    vectors: NDArray[np.float32]
    features: list[bytes]
    tokens: list[int]
    truncated: list[bool]
    readable: list[bool]


@dataclass(frozen=True)
class Query:
    """What a ranking needs of a query; it belongs to the model that read it."""

    data: ctypes.Array[Any]
    readable: bool


@dataclass(frozen=True)
class Ranking:
    """A ranking.

    Attributes:
        order: places of candidates, the best first.
        scores: float64 `[candidates]`.
        signals: float64 `[signals, candidates]`, `nan` where not known.
        contributions: float64 `[signals, candidates]`.
        weights: float64 `[signals]`.
    """

    order: list[int]
    scores: NDArray[np.float64]
    signals: NDArray[np.float64]
    contributions: NDArray[np.float64]
    weights: NDArray[np.float64]
    known_events: int


@dataclass(frozen=True)
class Classified:
    """Texts or pairs that were classified: `outputs` is float64 `[inputs, classes]`, or grades `[inputs, 1]`."""

    outputs: NDArray[np.float64]
    tokens: list[int]
    truncated: list[bool]
    readable: list[bool]


class _Text(ctypes.Structure):
    """A text that the core is given."""

    _fields_ = (("bytes", ctypes.c_char_p), ("size", c_size_t))


class _View(ctypes.Structure):
    """A text that the core gives: no zero ends it."""

    _fields_ = (("bytes", c_void_p), ("size", c_size_t))

    def read(self) -> str | None:
        return None if self.bytes is None else ctypes.string_at(self.bytes, self.size).decode()


class _File(ctypes.Structure):
    _fields_ = (("path", ctypes.c_char_p), ("bytes", ctypes.c_char_p), ("size", c_size_t))


class _Error(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int), ("message", ctypes.c_char * 244))


class _Options(ctypes.Structure):
    _fields_ = (
        ("most_windows", c_uint32),
        ("most_candidates", c_uint32),
        ("most_events", c_uint32),
        ("trusted", c_uint32),
    )


class _ModelInfo(ctypes.Structure):
    _fields_ = (
        ("name", _View),
        ("revision", _View),
        ("encoder_revision", _View),
        ("dimension", c_uint32),
        ("max_length", c_uint32),
        ("most_windows", c_uint32),
        ("features_size", c_uint32),
        ("query_size", c_uint32),
        ("memory", c_size_t),
    )


class _Reading(ctypes.Structure):
    _fields_ = (
        ("vector", c_void_p),
        ("features", c_void_p),
        ("query", c_void_p),
        ("features_size", c_uint32),
        ("tokens", c_uint32),
        ("truncated", c_uint8),
        ("readable", c_uint8),
    )


class _Candidate(ctypes.Structure):
    _fields_ = (
        ("id", _Text),
        ("category", _Text),
        ("features", ctypes.c_char_p),
        ("score", c_double),
        ("popularity", c_double),
        ("age_s", c_double),
        ("unreadable", c_uint32),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("item_id", _Text),
        ("category", _Text),
        ("features", ctypes.c_char_p),
        ("age_s", c_double),
        ("action", ctypes.c_int),
    )


class _Request(ctypes.Structure):
    _fields_ = (
        ("query", c_void_p),
        ("candidates", c_void_p),
        ("events", c_void_p),
        ("pinned", c_void_p),
        ("diversity", c_double),
        ("candidate_count", c_uint32),
        ("event_count", c_uint32),
        ("pinned_count", c_uint32),
        ("top_n", c_uint32),
        ("max_per_category", c_uint32),
        ("ranker", ctypes.c_int),
        ("is_search", c_uint32),
    )


class _Ranking(ctypes.Structure):
    _fields_ = (
        ("order", ctypes.POINTER(c_uint32)),
        ("scores", ctypes.POINTER(c_double)),
        ("signals", ctypes.POINTER(c_double)),
        ("contributions", ctypes.POINTER(c_double)),
        ("weights", ctypes.POINTER(c_double)),
        ("count", c_uint32),
        ("known_events", c_uint32),
    )


class _HeadInfo(ctypes.Structure):
    _fields_ = (
        ("name", _View),
        ("revision", _View),
        ("outputs", c_uint32),
        ("is_pair", c_uint32),
        ("is_grade", c_uint32),
    )


class _Classified(ctypes.Structure):
    _fields_ = (("outputs", c_void_p), ("tokens", c_uint32), ("truncated", c_uint8), ("readable", c_uint8))


_ALLOCATE = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_size_t)
_RELEASE = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)


class _Allocator(ctypes.Structure):
    _fields_ = (("allocate", _ALLOCATE), ("release", _RELEASE), ("context", c_void_p))


class _Memory:
    """Memory of the C library, and how much of it is taken."""

    def __init__(self) -> None:
        libc = ctypes.CDLL(None)
        libc.aligned_alloc.restype, libc.aligned_alloc.argtypes = c_void_p, (c_size_t, c_size_t)
        libc.free.argtypes = (c_void_p,)
        self.pieces = 0
        self.table = _Allocator(_ALLOCATE(self._allocate), _RELEASE(self._release), None)
        self._libc = libc

    def _allocate(self, _: int | None, size: int) -> int | None:
        self.pieces += 1
        piece: int | None = self._libc.aligned_alloc(16, (size + 15) // 16 * 16)
        return piece

    def _release(self, _: int | None, piece: int) -> None:
        self.pieces -= 1
        self._libc.free(piece)


class Core:
    """The shared library."""

    def __init__(self, path: Path) -> None:
        """Load the library; raises OSError if it is none."""
        self.library = library = ctypes.CDLL(str(path))
        library.er_load.restype = library.er_load_head.restype = c_void_p
        library.er_load.argtypes = (c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)
        library.er_load_head.argtypes = (c_void_p, c_void_p, c_size_t, c_void_p)
        library.er_free.argtypes = library.er_free_head.argtypes = (c_void_p,)
        library.er_describe.restype, library.er_describe.argtypes = _ModelInfo, (c_void_p,)
        library.er_describe_head.restype, library.er_describe_head.argtypes = _HeadInfo, (c_void_p, c_void_p)
        library.er_label.restype, library.er_label.argtypes = _View, (c_void_p, c_void_p, c_uint32)
        library.er_embed.argtypes = (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)
        library.er_rank.argtypes = (c_void_p, c_void_p, c_void_p, c_void_p)
        library.er_classify.argtypes = (c_void_p, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_void_p)
        library.er_features_are_valid.argtypes = (c_void_p, c_void_p, c_size_t)


class Model:
    """A loaded model; for one thread at a time. `close` it, or use it in a `with` block."""

    def __init__(
        self,
        core: Core,
        files: dict[str, bytes],
        *,
        most_windows: int = 0,
        most_candidates: int = 0,
        most_events: int = 0,
        trusted: bool = False,
    ) -> None:
        """Load an artifact from its files, by their paths; raises CoreError if it is refused."""
        self._core, self._memory, error = core.library, _Memory(), _Error()
        self._files = _files(files)  # read in place for as long as the model lives
        options = _Options(most_windows, most_candidates, most_events, trusted)
        table = ctypes.byref(self._memory.table)
        self._model = self._core.er_load(self._files, len(files), ctypes.byref(options), table, ctypes.byref(error))
        if not self._model:
            raise _raised(error)

    @classmethod
    def load(cls, library: Path, folder: Path) -> Self:
        """Load an artifact's folder, with all bounds at their defaults."""
        return cls(Core(library), files_of(folder))

    def close(self) -> None:
        """Give the memory back; its heads must have been closed before."""
        self._core.er_free(self._model)
        self._model = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def info(self) -> dict[str, Any]:
        """What `er_describe` says."""
        return _members(self._core.er_describe(self._model))

    @property
    def pieces(self) -> int:
        """Pieces of memory that are taken."""
        return self._memory.pieces

    def embed(self, texts: Sequence[str | bytes]) -> Embedded:
        """Read texts; bytes need not be UTF-8."""
        width, most = self.info["dimension"], self.info["features_size"]
        vectors = np.zeros((len(texts), width), dtype=np.float32)
        features = [ctypes.create_string_buffer(most) for _ in texts]
        readings = (_Reading * len(texts))(
            *(
                _Reading(vectors[at].ctypes.data if len(texts) else None, ctypes.addressof(features[at]), None)
                for at in range(len(texts))
            )
        )
        self._embed(texts, readings)
        return Embedded(
            vectors,
            [found.raw[: one.features_size] for found, one in zip(features, readings, strict=True)],
            [one.tokens for one in readings],
            [bool(one.truncated) for one in readings],
            [bool(one.readable) for one in readings],
        )

    def query(self, text: str) -> Query:
        """Read a query."""
        data = (c_float * (self.info["query_size"] // 4))()
        readings = (_Reading * 1)(_Reading(None, None, ctypes.addressof(data)))
        self._embed([text], readings)
        return Query(data, bool(readings[0].readable))

    def features_are_valid(self, data: bytes) -> bool:
        """Whether bytes are features of this model's shape."""
        return bool(self._core.er_features_are_valid(self._model, data, len(data)))

    def rank(
        self,
        candidates: Sequence[Candidate],
        query: Query | None = None,
        events: Sequence[Event] = (),
        *,
        ranker: str = "fused",
        pinned: Sequence[int] = (),
        top_n: int = 0,
        diversity: float = 0,
        max_per_category: int = 0,
        is_search: bool = False,
    ) -> Ranking:
        """Put candidates in order."""
        rows = (_Candidate * len(candidates))(*map(_candidate, candidates))
        history = (_Event * len(events))(*map(_event, events))
        pins = (c_uint32 * len(pinned))(*pinned)
        asked = ctypes.addressof(query.data) if query and query.readable else None
        request = _Request(asked, *(ctypes.addressof(one) for one in (rows, history, pins)))
        request.diversity, request.top_n, request.max_per_category = diversity, top_n, max_per_category
        request.candidate_count, request.event_count, request.pinned_count = len(rows), len(history), len(pins)
        request.ranker, request.is_search = RANKERS.index(ranker), is_search
        ranking, error = _Ranking(), _Error()
        places = (ctypes.byref(one) for one in (request, ranking, error))
        if self._core.er_rank(self._model, *places):
            raise _raised(error)
        return _ranking(ranking, len(candidates))

    def load_head(self, folder: Path) -> "Head":
        """Load a head's or a pack's folder."""
        return Head(self, files_of(folder))

    def classify(self, inputs: Sequence[str] | Sequence[tuple[str, str]], head: "Head | None" = None) -> Classified:
        """Classify texts or pairs with a head, or with the model itself if it is a task model."""
        handle = head.handle if head else None
        classes = self._core.er_describe_head(self._model, handle).outputs
        outputs = np.zeros((len(inputs), max(classes, 1)), dtype=np.float64)
        pairs = [one for one in inputs if not isinstance(one, str)]
        firsts = _texts([one[0] for one in pairs] if pairs else [str(one) for one in inputs])
        seconds = _texts([one[1] for one in pairs]) if pairs else None
        found = (_Classified * len(inputs))(*(_Classified(outputs[at].ctypes.data) for at in range(len(inputs))))
        error = _Error()
        if self._core.er_classify(
            self._model, handle, firsts, seconds, len(inputs), ctypes.byref(found), ctypes.byref(error)
        ):
            raise _raised(error)
        return Classified(
            outputs,
            [one.tokens for one in found],
            [bool(one.truncated) for one in found],
            [bool(one.readable) for one in found],
        )

    def labels(self, head: "Head | None" = None) -> list[str]:
        """The classes of a head, or of the model itself; none of grades."""
        handle = head.handle if head else None
        count = self._core.er_describe_head(self._model, handle).outputs
        found = (self._core.er_label(self._model, handle, at).read() for at in range(count))
        return [one for one in found if one is not None]

    def _embed(self, texts: Sequence[str | bytes], readings: ctypes.Array[_Reading]) -> None:
        error = _Error()
        if self._core.er_embed(self._model, _texts(texts), len(texts), ctypes.byref(readings), ctypes.byref(error)):
            raise _raised(error)


class Head:
    """A loaded head or pack of a model."""

    def __init__(self, model: Model, files: dict[str, bytes]) -> None:
        """Load it; raises CoreError if it is refused."""
        error = _Error()
        self._core = model._core
        self.handle = self._core.er_load_head(
            model._model,
            _files(files),
            len(files),
            ctypes.byref(error),
        )
        if not self.handle:
            raise _raised(error)

    def close(self) -> None:
        """Give the memory back."""
        self._core.er_free_head(self.handle)
        self.handle = None


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by their paths within it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _files(files: dict[str, bytes]) -> ctypes.Array[_File]:
    return (_File * len(files))(*(_File(path.encode(), data, len(data)) for path, data in files.items()))


def _text(text: str | bytes | None) -> _Text:
    if text is None:
        return _Text(None, 0)
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return _Text(data, len(data))


def _texts(texts: Sequence[str | bytes]) -> ctypes.Array[_Text]:
    return (_Text * len(texts))(*map(_text, texts))


def _candidate(one: Candidate) -> _Candidate:
    numbers = one.score, one.popularity, one.age_s
    return _Candidate(_text(one.id), _text(one.category), one.features, *numbers, one.unreadable)


def _event(one: Event) -> _Event:
    return _Event(_text(one.item_id), _text(one.category), one.features, one.age_s, ACTIONS.index(one.action))


def _ranking(found: _Ranking, candidates: int) -> Ranking:
    def table(pointer: "ctypes._Pointer[c_double]", *shape: int) -> NDArray[np.float64]:
        return np.ctypeslib.as_array(pointer, shape).copy() if math.prod(shape) else np.zeros(shape)

    return Ranking(
        order=[found.order[place] for place in range(found.count)],
        scores=table(found.scores, candidates),
        signals=table(found.signals, len(SIGNALS), candidates),
        contributions=table(found.contributions, len(SIGNALS), candidates),
        weights=table(found.weights, len(SIGNALS)),
        known_events=found.known_events,
    )


def _members(structure: ctypes.Structure) -> dict[str, Any]:
    values = {name: getattr(structure, name) for name, *_ in structure._fields_}
    return {name: value.read() if isinstance(value, _View) else value for name, value in values.items()}


def _raised(error: _Error) -> CoreError:
    return CoreError(STATUSES[error.status], error.message.decode())
