"""`ranker.json`: the weights of the signals on each surface.

{"schema_version": 3,
 "weights": {"search": {"query_similarity": 1.0, …}, "feed": {…}, "both": {…}},
 "learned_from": {"search": "…", "feed": "…", "both": "…"},
 "left_out": [{"domain": "…", "metric": "NDCG@10", "lists": 600, "fused": 0.9, "best": 0.89, "low": 0.0}, …]}

An unnamed signal has the weight 0, so that older files still load; so do files of version 2, which have no `left_out`.

A request with a query is of the surface search, one with a known history of feed, one with a query and a known history
of both. With neither, it is a feed with nothing but the backend's own signals.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from service.files.printable import Line, printable
from service.files.regular import explained, read_file
from service.ranking.signals import SIGNALS
from service.user_error import UserError

SCHEMA_VERSION = 3
_MOST_BYTES = 1024 * 1024
Surface = Literal["search", "feed", "both"]
SURFACES: tuple[Surface, ...] = get_args(Surface)
Ranker = Literal["fused", "dense", "lexical", "upstream"]
RANKERS: tuple[Ranker, ...] = get_args(Ranker)


def _all(**weights: float) -> Mapping[str, float]:
    """The weight of every signal; 0 if not given."""
    return MappingProxyType({name: weights.get(name, 0.0) for name in SIGNALS})


DEFAULT_WEIGHTS: Mapping[Surface, Mapping[str, float]] = MappingProxyType(
    {
        "search": _all(
            query_similarity=1.0,
            query_overlap=0.4,
            query_lead_overlap=0.1,
            repetition=-1.0,
            upstream_score=0.1,
            upstream_position=0.02,
            popularity=0.05,
            freshness=0.02,
        ),
        "feed": _all(
            history_similarity=0.4,
            history_peak=0.6,
            history_overlap=0.8,
            skip_similarity=-0.3,
            repeat=-0.2,
            just_bought=-2.4,
            category_affinity=0.1,
            upstream_score=0.1,
            upstream_position=0.02,
            popularity=0.05,
            freshness=0.02,
        ),
        "both": _all(
            query_similarity=1.0,
            query_overlap=0.4,
            query_lead_overlap=0.1,
            repetition=-1.0,
            history_similarity=0.02,
            history_peak=0.04,
            history_overlap=0.06,
            skip_similarity=-0.02,
            category_affinity=0.02,
            upstream_score=0.1,
            upstream_position=0.02,
            popularity=0.05,
            freshness=0.02,
        ),
    }
)
_DEFAULT_ORIGIN = "set by hand; model-build fit-ranker learns them"

# Baselines, on the same path as the learned weights. A position counts too little to overrule any score.
_BASELINES: Mapping[Ranker, Mapping[str, float]] = MappingProxyType(
    {
        "dense": _all(query_similarity=1.0, history_similarity=1.0),
        "lexical": _all(query_overlap=1.0, history_overlap=1.0),
        "upstream": _all(upstream_score=1.0, upstream_position=1e-3),
    }
)


class RankerError(UserError):
    """The file is not a ranker that may be served."""


# Signals are at most 1: with weights up to a million, sums do not overflow, and float64 keeps the decimals that scores
# are rounded to. Learned weights are at most a few.
LARGEST_WEIGHT = 1e6
Number = Annotated[float, Field(ge=-LARGEST_WEIGHT, le=LARGEST_WEIGHT, allow_inf_nan=False)]
Origin = Annotated[Line, Field(min_length=1)]
T = TypeVar("T")


class _PerSituation(BaseModel, Generic[T]):
    model_config = ConfigDict(extra="forbid", strict=True)

    search: T
    feed: T
    both: T

    def by_surface(self) -> dict[Surface, T]:
        return {surface: getattr(self, surface) for surface in SURFACES}


class LeftOut(BaseModel):
    """Quality on a domain of weights learned without it, and that of the better of `dense` and `lexical`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: Origin
    metric: Origin
    lists: int
    fused: Number
    best: Number
    low: Annotated[Number, Field(description="lower end of the difference's 95 % interval, paired")]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: Literal[2, 3]
    weights: _PerSituation[dict[str, Number]]
    learned_from: _PerSituation[Origin]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class SignalWeights:
    """The weights of all `SIGNALS` on each surface, their origin, and their quality on left-out domains."""

    by_surface: Mapping[Surface, Mapping[str, float]]
    learned_from: Mapping[Surface, str]
    left_out: tuple[LeftOut, ...] = ()

    def of(self, ranker: Ranker, surface: Surface) -> Mapping[str, float]:
        """The weights of a ranker: the learned ones for `fused`, else a baseline's."""
        return self.by_surface[surface] if ranker == "fused" else _BASELINES[ranker]


def surface_of(*, has_query: bool, has_history: bool) -> Surface:
    """The surface of a request."""
    if has_query:
        return "both" if has_history else "search"
    return "feed"


def load_weights(path: Path) -> SignalWeights:
    """Read `ranker.json`.

    Raises:
        RankerError: the file can't be read, or has weights of unknown signals.
    """
    with explained(path, RankerError):
        document = _Document.model_validate_json(read_file(path, most=_MOST_BYTES))
    by_surface = document.weights.by_surface()
    for surface, weights in by_surface.items():
        unknown = sorted(weights.keys() - set(SIGNALS))
        if unknown:
            raise RankerError(
                f"{path} is not valid: weights.{surface} has unknown signals: {printable(', '.join(unknown))}"
            )
    return SignalWeights(
        {surface: _all(**weights) for surface, weights in by_surface.items()},
        document.learned_from.by_surface(),
        document.left_out,
    )


def ranker_json(weights: SignalWeights) -> str:
    """The text of `ranker.json`, without weights of 0: small, because devices load it."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "weights": {
            surface: {name: float(f"{weight:.4g}") for name, weight in weights.by_surface[surface].items() if weight}
            for surface in SURFACES
        },
        "learned_from": dict(weights.learned_from),
        "left_out": [one.model_dump() for one in weights.left_out],
    }
    return json.dumps(document, separators=(",", ":")) + "\n"


def default_weights() -> SignalWeights:
    """The weights of a model without learned ones."""
    return SignalWeights(DEFAULT_WEIGHTS, dict.fromkeys(SURFACES, _DEFAULT_ORIGIN))
