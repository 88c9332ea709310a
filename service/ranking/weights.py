"""`ranker.json`: how much each signal counts.

{"schema_version": 1, "learned_from": "…", "weights": {"query_similarity": 1.0, …}}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SCHEMA_VERSION = 1
SIGNALS = ("query_similarity", "history_similarity", "skip_similarity", "upstream_score", "upstream_position")
DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "query_similarity": 1.0,
        "history_similarity": 0.35,
        "skip_similarity": -0.2,
        "upstream_score": 0.1,
        "upstream_position": 0.02,
    }
)
_DEFAULT_ORIGIN = "set by hand: the query leads, the history follows, the upstream order settles what is left"


class RankerError(Exception):
    """The file is not a ranker that may serve; the message says in one line why."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: Literal[1]
    learned_from: str = Field(min_length=1)
    weights: dict[str, Annotated[float, Field(allow_inf_nan=False)]]


@dataclass(frozen=True)
class Weights:
    """The weight of every one of `SIGNALS`, and where the weights come from."""

    by_signal: Mapping[str, float]
    learned_from: str


def load_weights(path: Path) -> Weights:
    """Read `ranker.json`.

    Raises:
        RankerError: the file can't be read, or does not weigh exactly the signals of this version.
    """
    try:
        document = _Document.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RankerError(f"{path} can't be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        raise RankerError(f"{path} is not valid: {where}: {first['msg']}") from None
    unknown = sorted(document.weights.keys() - set(SIGNALS))
    missing = sorted(set(SIGNALS) - document.weights.keys())
    if unknown:
        raise RankerError(f"{path} is not valid: it weighs unknown signals: {', '.join(unknown)}")
    if missing:
        raise RankerError(f"{path} is not valid: it lacks weights of: {', '.join(missing)}")
    return Weights(by_signal=document.weights, learned_from=document.learned_from)


def default_ranker_json() -> str:
    """The text of a `ranker.json` with `DEFAULT_WEIGHTS`."""
    document = {"schema_version": SCHEMA_VERSION, "learned_from": _DEFAULT_ORIGIN, "weights": dict(DEFAULT_WEIGHTS)}
    return json.dumps(document, indent=2) + "\n"
