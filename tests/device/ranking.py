"""Ranking requests, answered by the core and by the service's own functions."""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_size_t,
    c_uint8,
    c_uint16,
    c_uint32,
    c_void_p,
)
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.feature_store.features import Features
from service.ranking.candidates import Action, Candidates, Query
from service.ranking.history import informative
from service.ranking.scorer import score
from service.ranking.signals import SIGNALS, compute_signals
from service.ranking.slate import SlateOptions, build_slate
from service.ranking.weights import DEFAULT_WEIGHTS, RANKERS, Ranker, SignalWeights, default_weights, surface_of
from service.recommender.feature_assembly import assemble_candidates, assemble_events
from tests.device.features import block

ACTIONS: tuple[Action, ...] = ("view", "click", "purchase", "skip")
OUT_OF_MEMORY, ARGUMENT = 1, 6
_RANKERS: dict[Ranker, int] = {"fused": 0, "dense": 1, "lexical": 2, "upstream": 3}
assert set(_RANKERS) == set(RANKERS)


@dataclass(frozen=True)
class Item:
    """A candidate; numbers that are not known are None."""

    id: str | None
    features: Features | None = None
    category: str | None = None
    score: float | None = None
    popularity: float | None = None
    age_s: float | None = None
    unreadable: bool = False


@dataclass(frozen=True)
class Event:
    """Something the user did."""

    item_id: str | None = None
    features: Features | None = None
    category: str | None = None
    action: Action = "click"
    age_s: float | None = None
    text: None = None


@dataclass(frozen=True)
class Request:
    """A request with what is known of its texts."""

    candidates: Sequence[Item] = ()
    events: Sequence[Event] = ()
    query: Query | None = None
    is_search: bool = False
    ranker: Ranker = "fused"
    options: SlateOptions = field(default_factory=SlateOptions)


@dataclass(frozen=True)
class Ranking:
    """An answer; arrays as in `er_ranking`."""

    order: list[int]
    scores: NDArray[np.float64]
    signals: NDArray[np.float64]
    contributions: NDArray[np.float64]
    weights: NDArray[np.float64]
    known_events: int

    def signal(self, name: str) -> NDArray[np.float64]:
        """One signal, `[candidates]`."""
        values: NDArray[np.float64] = self.signals[SIGNALS.index(name)]
        return values


# ----------------------------------------------------------------- by the service


def assembled(request: Request, dimension: int) -> Candidates:
    """The request's candidates as the service's signals read them."""
    sent: list[Any] = [
        {
            "id": one.id,
            "score": one.score,
            "category": one.category,
            "features": {name: value for name in ("popularity", "age_s") if (value := getattr(one, name)) is not None},
        }
        for one in request.candidates
    ]
    features = [one.features for one in request.candidates]
    return assemble_candidates(sent, features, [one.unreadable for one in request.candidates], dimension)


def expected(request: Request, dimension: int, weights: SignalWeights | None = None) -> Ranking:
    """The service's answer."""
    seen = assembled(request, dimension)
    events = informative(assemble_events(request.events, [one.features for one in request.events]), seen)
    surface = surface_of(has_query=request.query is not None or request.is_search, has_history=bool(events))
    chosen = (weights or default_weights()).of(request.ranker, surface)
    scores = score(compute_signals(seen, request.query, events), chosen)
    return Ranking(
        order=build_slate(scores.totals, seen, request.options),
        scores=scores.totals,
        signals=np.array(list(scores.signals.values())),
        contributions=scores.contributions,
        weights=np.array([chosen[name] for name in SIGNALS]),
        known_events=len(events),
    )


# -------------------------------------------------------------------- by the core


class _Text(Structure):
    _fields_ = [("bytes", c_char_p), ("size", c_size_t)]

    @classmethod
    def of(cls, text: str | None) -> "_Text":
        return (
            cls()
            if text is None
            else cls(text.encode("utf-8", "surrogatepass"), len(text.encode("utf-8", "surrogatepass")))
        )


class _Error(Structure):
    _fields_ = [("status", c_int), ("message", c_char * 244)]


_Allocate = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_size_t)
_Release = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)


class _Arena(Structure):
    _fields_ = [
        ("allocate", _Allocate),
        ("release", _Release),
        ("context", c_void_p),
        ("last", c_void_p),
        ("taken", c_size_t),
    ]


class _Weights(Structure):
    _fields_ = [(surface, c_double * len(SIGNALS)) for surface in ("search", "feed", "both")]


class _Compound(Structure):
    _fields_ = [("whole", c_uint16), ("part_count", c_uint16), ("parts", c_uint16 * 33)]


class _Terms(Structure):
    _fields_ = [
        ("count", c_uint32),
        ("compound_count", c_uint32),
        ("repetition", c_uint32),
        ("hashes", c_uint16 * 255),
        ("rarities", c_uint8 * 255),
        ("compounds", _Compound * 8),
    ]


class _Candidate(Structure):
    _fields_ = [
        ("id", _Text),
        ("category", _Text),
        ("features", c_char_p),
        ("score", c_double),
        ("popularity", c_double),
        ("age_s", c_double),
        ("unreadable", c_uint32),
    ]


class _Event(Structure):
    _fields_ = [
        ("item_id", _Text),
        ("category", _Text),
        ("features", c_char_p),
        ("age_s", c_double),
        ("action", c_int),
    ]


class RequestStruct(Structure):
    """`er_request`."""

    _fields_ = [
        ("query", c_void_p),
        ("candidates", POINTER(_Candidate)),
        ("events", POINTER(_Event)),
        ("pinned", POINTER(c_uint32)),
        ("diversity", c_double),
        ("candidate_count", c_uint32),
        ("event_count", c_uint32),
        ("pinned_count", c_uint32),
        ("top_n", c_uint32),
        ("max_per_category", c_uint32),
        ("ranker", c_int),
        ("is_search", c_uint32),
    ]


class _RankingStruct(Structure):
    _fields_ = [
        ("order", POINTER(c_uint32)),
        ("scores", POINTER(c_double)),
        ("signals", POINTER(c_double)),
        ("contributions", POINTER(c_double)),
        ("weights", POINTER(c_double)),
        ("count", c_uint32),
        ("known_events", c_uint32),
    ]


class RankingError(Exception):
    """The core refused; `status` is an `er_status`."""

    def __init__(self, error: _Error) -> None:
        super().__init__(error.message.decode())
        self.status = int(error.status)


class Scorer:
    """A scorer of the core, with the memory that it took."""

    def __init__(
        self,
        core: ctypes.CDLL,
        dimension: int,
        *,
        weights: Mapping[Any, Mapping[str, float]] = DEFAULT_WEIGHTS,
        most_candidates: int = 1000,
        most_events: int = 500,
        most_windows: int = 8,
        most_pieces: int | None = None,
    ) -> None:
        """Load a scorer; the allocator has no more than `most_pieces` pieces."""
        self._core, self._dimension = core, dimension
        self.pieces: dict[int, Any] = {}
        self._most_pieces = most_pieces
        self.arena = _Arena(_Allocate(self._allocate), _Release(self._release))
        core.er_load_scorer.restype = c_void_p
        core.er_score.argtypes = [c_void_p, c_void_p, c_void_p, c_void_p]
        ordered = _Weights(
            *[(c_double * len(SIGNALS))(*[weights[one][name] for name in SIGNALS]) for one, *_ in _Weights._fields_]
        )
        error = _Error()
        self.scorer = core.er_load_scorer(
            byref(self.arena), byref(ordered), dimension, most_candidates, most_events, most_windows, byref(error)
        )
        if not self.scorer:
            raise RankingError(error)

    def rank(self, request: Request, change: Callable[[RequestStruct], None] | None = None, **changes: Any) -> Ranking:
        """Answer a request; `change` and `changes` of the fields of `er_request` are made just before.

        Raises:
            RankingError: the core refused it.
        """
        struct, kept = struct_of(request)
        for name, value in changes.items():
            setattr(struct, name, value)
        if change is not None:
            change(struct)
        ranking = self.call(struct)
        del kept
        count = struct.candidate_count
        return Ranking(
            order=ranking.order[: ranking.count],
            scores=np.array(ranking.scores[:count]),
            signals=np.array(ranking.signals[: len(SIGNALS) * count]).reshape(len(SIGNALS), count),
            contributions=np.array(ranking.contributions[: len(SIGNALS) * count]).reshape(len(SIGNALS), count),
            weights=np.array(ranking.weights[: len(SIGNALS)]),
            known_events=ranking.known_events,
        )

    def call(self, struct: RequestStruct) -> _RankingStruct:
        """Call `er_score`."""
        ranking, error = _RankingStruct(), _Error()
        status = self._core.er_score(self.scorer, byref(struct), byref(ranking), byref(error))
        if status:
            assert status == error.status
            raise RankingError(error)
        return ranking

    def _allocate(self, _: int | None, size: int) -> int | None:
        if self._most_pieces is not None and len(self.pieces) >= self._most_pieces:
            return None
        buffer = ctypes.create_string_buffer(size + 16)
        address = -(-ctypes.addressof(buffer) // 16) * 16
        self.pieces[address] = buffer
        return address

    def _release(self, _: int | None, memory: int) -> None:
        del self.pieces[memory]


def struct_of(request: Request) -> tuple[RequestStruct, list[Any]]:
    """The request as `er_request`, and what must live as long."""
    nan = float("nan")
    candidates = (_Candidate * len(request.candidates))(
        *[
            _Candidate(
                _Text.of(one.id),
                _Text.of(one.category),
                None if one.features is None else block(one.features),
                *[nan if value is None else value for value in (one.score, one.popularity, one.age_s)],
                one.unreadable,
            )
            for one in request.candidates
        ]
    )
    events = (_Event * len(request.events))(
        *[
            _Event(
                _Text.of(one.item_id),
                _Text.of(one.category),
                None if one.features is None else block(one.features),
                nan if one.age_s is None else one.age_s,
                ACTIONS.index(one.action),
            )
            for one in request.events
        ]
    )
    options = request.options
    pinned = (c_uint32 * len(options.pinned))(*options.pinned)
    query = None if request.query is None else query_block(request.query)
    struct = RequestStruct(
        None if query is None else ctypes.addressof(query),
        candidates,
        events,
        pinned,
        options.diversity,
        len(candidates),
        len(events),
        len(pinned),
        options.top_n or 0,
        options.max_per_category or 0,
        _RANKERS[request.ranker],
        request.is_search,
    )
    return struct, [candidates, events, pinned, query]


def query_block(query: Query) -> Any:
    """The query as `er_query`."""

    class Block(Structure):
        _fields_ = [("terms", _Terms), ("vector", c_float * len(query.vector))]

    terms = query.terms
    made = _Terms(len(terms.idf), len(terms.compounds), terms.repetition)
    made.hashes[: len(terms.idf)] = np.frombuffer(terms.hashes, dtype="<u2").tolist()
    made.rarities[: len(terms.idf)] = list(terms.idf)
    for place, one in enumerate(terms.compounds):
        made.compounds[place] = _Compound(one.whole, len(one.parts), (c_uint16 * 33)(*one.parts))
    return Block(made, (c_float * len(query.vector))(*query.vector.tolist()))
