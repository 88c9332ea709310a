"""The recording of a run: `run.json` describes it, `seconds.jsonl` holds the counts of each second.

A request belongs to the second of its intended start, however late it was sent or answered: a stalled server can't
shift its bad seconds ("coordinated omission").
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from loadtests.load.histogram import Latencies

RUN_FILE, SECONDS_FILE = "run.json", "seconds.jsonl"
COUNTS = (
    *("asked", "sent", "missed", "answered", "in_time", "ended_in_time", "refused", "late", "failed"),
    *("retried", "given_up", "degraded"),
)


@dataclass
class Second:
    """The results of attempts whose intended start is within one second.

    Attributes:
        second: since the start of the run.
        asked: number of attempts, retries included.
        sent: those that were started.
        missed: those that were not, because the maximal number was in flight.
        answered: attempts answered in full.
        in_time: those within the deadline, from the send on; without a deadline, all of them.
        ended_in_time: admitted attempts that ended with any status within `GRACE` times the deadline.
        refused: attempts answered with 429, which were not admitted.
        late: attempts answered with 504, because their deadline had passed.
        failed: attempts that ended otherwise.
        retried: unanswered attempts that the device repeated.
        given_up: requests without an answer to any attempt, missed ones included.
        degraded: answers in which something was missing.
        from_intended: of answered attempts, from the intended start to the last byte.
        from_sent: of answered attempts, from the first byte sent.
        until_answered: of answered requests, from the first attempt's intended start, with waits for retries.
        observed: observations of the processes by name (see `observation`), as far as there are any.
    """

    second: int
    asked: int = 0
    sent: int = 0
    missed: int = 0
    answered: int = 0
    in_time: int = 0
    ended_in_time: int = 0
    refused: int = 0
    late: int = 0
    failed: int = 0
    retried: int = 0
    given_up: int = 0
    degraded: int = 0
    from_intended: Latencies = field(default_factory=Latencies)
    from_sent: Latencies = field(default_factory=Latencies)
    until_answered: Latencies = field(default_factory=Latencies)
    observed: dict[str, float] = field(default_factory=dict)

    @property
    def admitted(self) -> int:
        """Attempts that were sent and not refused."""
        return self.sent - self.refused

    def merge(self, other: "Second") -> None:
        """Add another worker's counts of the same second."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in LATENCIES:
            getattr(self, name).merge(getattr(other, name))
        for name, value in other.observed.items():  # the greater of both
            self.observed[name] = max(value, self.observed.get(name, value))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            one.name: value.encoded() if isinstance(value := getattr(self, one.name), Latencies) else value
            for one in fields(self)
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Second":
        """Read the output of `to_json`, also of versions without deadlines."""
        read: dict[str, Any] = {
            name: Latencies.decoded(value) if name in LATENCIES else value for name, value in values.items()
        }
        made = cls(**read)
        if "in_time" not in values:
            made.in_time, made.ended_in_time = made.answered, made.answered + made.failed
        return made


LATENCIES = ("from_intended", "from_sent", "until_answered")
GRACE = 1.2
"""Admitted attempts must end within this multiple of the deadline, network included."""


@dataclass(frozen=True)
class Phase:
    """A named phase of a shape, such as "before", "flash" or "after".

    Attributes:
        start_s: since the start of the run.
        end_s: likewise.
        rate: mean requests per second of the shape.
    """

    name: str
    start_s: float
    end_s: float
    rate: float


@dataclass(frozen=True)
class Gate:
    """A bound and the measured value.

    Attributes:
        name: of the metric, with its unit and phase.
        most: upper bound; None if there is a lower one only.
        least: lower bound; None if there is an upper one only.
        figure: the measured value; None, if nothing was measured, passes no gate.
    """

    name: str
    figure: float | None
    most: float | None = None
    least: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the value is within the bound."""
        return (
            self.figure is not None
            and (self.most is None or self.figure <= self.most)
            and (self.least is None or self.figure >= self.least)
        )


@dataclass(frozen=True)
class Run:
    """The description of a run.

    Attributes:
        shape: steady, step, day, flash, soak, cold, outage or swap.
        started_at: ISO 8601, UTC.
        seed: of devices, traffic and catalogue.
        devices: number of simulated devices.
        seen_devices: number of devices with a session.
        sessions: number of sessions.
        items: size of the catalogue.
        model: name and revision of the serving model.
        revision: of the code, by git.
        machine: processor, cores and memory, in words.
        settings: all other settings of the run, by name.
        phases: in order.
        gates: in order.
        events: faults with their second, such as {"second": 60, "text": "Redis was stopped"}.
    """

    shape: str
    started_at: str
    seed: int
    devices: int
    seen_devices: int
    sessions: int
    items: int
    model: str
    revision: str
    machine: str
    settings: dict[str, Any]
    phases: Sequence[Phase]
    gates: Sequence[Gate]
    events: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Recording:
    """A run and all its seconds, in order."""

    run: Run
    seconds: Sequence[Second]

    def write(self, folder: Path) -> None:
        """Write both files into a folder, which is made if missing."""
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(one.to_json()) + "\n" for one in self.seconds)
        (folder / SECONDS_FILE).write_text(lines, encoding="utf-8")
        (folder / RUN_FILE).write_text(json.dumps(asdict(self.run), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Recording":
        """Read what `write` wrote.

        Raises:
            OSError: a file is missing.
            ValueError: `write` did not write a file.
        """
        try:
            values = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
            values["phases"] = [Phase(**one) for one in values["phases"]]
            values["gates"] = [Gate(**one) for one in values["gates"]]
            lines = (folder / SECONDS_FILE).read_text(encoding="utf-8").splitlines()
            return cls(Run(**values), [Second.from_json(json.loads(line)) for line in lines])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValueError(f"{RUN_FILE} or {SECONDS_FILE} is not what a load run writes") from None
