"""The service's ranking log: impressions with their signals, and outcomes.

JSON lines in files `*.jsonl*` of a folder:

    {"kind": "impression", "at": <unix s>, "request_id": …, "model": …, "situation": "search|feed|both", "ranker": …,
     "variant": …, "results": [{"item": …, "rank": n, "signals": {<name>: <number>, …}}]}
    {"kind": "outcome", "at": <unix s>, "request_id": …, "item": …, "action": "click|view|purchase|skip"}

Unknown signals are omitted. Outcomes are joined to impressions by request and item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from model_build.common.errors import LogError
from model_build.ranking.data.lists import JudgedList, Matrix
from service.ranking.candidates import Action
from service.ranking.signals import SIGNALS
from service.ranking.weights import Surface

GAINS: Mapping[Action, float] = {"purchase": 3.0, "click": 1.0, "view": 0.3, "skip": 0.0}
PATTERN = "*.jsonl*"
_Number = Annotated[float, Field(allow_inf_nan=False)]


class _Line(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)  # other fields are ignored

    at: _Number
    request_id: str


class Result(BaseModel):
    """A shown candidate."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    item: str
    rank: int
    signals: dict[str, _Number]

    @field_validator("signals")
    @classmethod
    def _known(cls, signals: dict[str, float]) -> dict[str, float]:
        if not signals.keys() <= set(SIGNALS):
            raise ValueError("a signal is unknown to this version")
        return signals


class Impression(_Line):
    """A ranking that was shown."""

    kind: Literal["impression"]
    situation: Surface
    results: Annotated[list[Result], Field(min_length=1)]


class Outcome(_Line):
    """A user's action on a shown item."""

    kind: Literal["outcome"]
    item: str
    action: Action


_LINES: TypeAdapter[Impression | Outcome] = TypeAdapter(Annotated[Impression | Outcome, Field(discriminator="kind")])


@dataclass
class RankingLog:
    """The lines of a log.

    Attributes:
        impressions: by request; a later line replaces an earlier one.
        gains: by request and item; the greatest of its outcomes counts.
        lines, bad: numbers of lines that are not blank, and of unreadable ones.
        first_bad: place of the first unreadable line, and the reason.
    """

    impressions: dict[str, Impression] = field(default_factory=dict)
    gains: dict[tuple[str, str], float] = field(default_factory=dict)
    lines: int = 0
    bad: int = 0
    first_bad: str | None = None

    def add(self, text: bytes, where: str) -> None:
        """Add a line."""
        self.lines += 1
        try:
            line = _LINES.validate_json(text)
        except ValidationError as error:
            self.bad += 1
            self.first_bad = self.first_bad or f"{where}: {_reason(error)}"
            return
        if isinstance(line, Impression):
            self.impressions[line.request_id] = line
        else:
            key = line.request_id, line.item
            self.gains[key] = max(self.gains.get(key, 0.0), GAINS[line.action])

    def lists(self, surface: Surface) -> list[JudgedList]:
        """Lists of the impressions on a surface that have several candidates and an outcome with a gain."""
        found = (
            (one, np.array([self.gains.get((one.request_id, result.item), 0.0) for result in one.results]))
            for one in self.impressions.values()
            if one.situation == surface and len(one.results) > 1
        )
        return [
            JudgedList(_columns(one.results), gains, group=one.request_id, source="log")
            for one, gains in found
            if gains.any()
        ]


def read_log(folder: Path, *, max_bad_share: float) -> RankingLog:
    """Read every file of a log, in any order; at most `max_bad_share` of the lines may be unreadable.

    Raises:
        LogError: there is no file, a file can't be read, or too many lines are bad; the message names the first.
    """
    paths = sorted(path for path in folder.glob(PATTERN) if path.is_file())
    if not paths:
        raise LogError(f"{folder} has no file {PATTERN}; name the folder that the service writes its ranking log to")
    log = RankingLog()
    for path in paths:
        try:
            with path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        log.add(line, f"{path}, line {number}")
        except OSError as error:
            raise LogError(f"{path} can't be read: {error.strerror}") from None
    if log.bad > max_bad_share * log.lines:
        raise LogError(
            f"{log.first_bad}; {log.bad:,} of {log.lines:,} lines are bad, more than {max_bad_share:.1%}: "
            "mend them or raise --max-bad-share"
        )
    return log


def _columns(results: Sequence[Result]) -> Matrix:
    """The signals: float64 `[results, signals]`; NaN for omitted ones."""
    return np.array([[one.signals.get(name, np.nan) for name in SIGNALS] for one in results])


def _reason(error: ValidationError) -> str:
    """The reason why a line is bad; of its content only the names of our own fields are repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return "it is not JSON"
    where = [str(part) for part in first["loc"] if isinstance(part, int) or part in _FIELDS]
    return f"{'.'.join(where) or 'the line'}: {_message(first['type'], first['msg'])}"


_FIELDS = frozenset({*Impression.model_fields, *Outcome.model_fields, *Result.model_fields})


def _message(kind: str, message: str) -> str:
    """Pydantic's message, unless it would repeat the line."""
    return "kind is neither impression nor outcome" if kind.startswith("union_tag") else message
