"""What a run leaves behind: `run.json`, what it was, and `seconds.jsonl`, what became of each second's requests.

Everything about a request stands in the second in which the device meant to send it, however late it was sent or
answered: a stalled server cannot move its bad seconds elsewhere ("coordinated omission").
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
    """What became of what devices meant to send within one second.

    Attributes:
        second: since the run began.
        asked: attempts that devices meant to start, retries included.
        sent: those of them that were started.
        missed: those that were not, since as many as may be were under way already.
        answered: attempts answered in full.
        in_time: those of them that were within the deadline, from the send on; without a deadline, all of them.
        ended_in_time: admitted attempts that ended, whatever came of them, within `GRACE` times the deadline.
        refused: attempts answered with 429: those that were not admitted.
        late: attempts answered with 504: the service gave them up after their deadline.
        failed: attempts that ended otherwise.
        retried: attempts without an answer that the device went on to try again.
        given_up: requests that no attempt answered, missed ones included.
        degraded: answers that said that something was missing.
        from_intended: of answered attempts, from the intended start to the last byte.
        from_sent: of answered attempts, from the first byte sent.
        until_answered: of answered requests, from the first attempt's intended start, waits for retries included.
        observed: what was seen of the processes in that second, by name (see `observation`), as far as it was.
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
        """Count what another worker saw of the same second, too."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in LATENCIES:
            getattr(self, name).merge(getattr(other, name))
        for name, value in other.observed.items():  # where both saw it, the greater
            self.observed[name] = max(value, self.observed.get(name, value))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            one.name: value.encoded() if isinstance(value := getattr(self, one.name), Latencies) else value
            for one in fields(self)
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Second":
        """Read what `to_json` gave, also before devices had a deadline."""
        read: dict[str, Any] = {
            name: Latencies.decoded(value) if name in LATENCIES else value for name, value in values.items()
        }
        made = cls(**read)
        if "in_time" not in values:
            made.in_time, made.ended_in_time = made.answered, made.answered + made.failed
        return made


LATENCIES = ("from_intended", "from_sent", "until_answered")
GRACE = 1.2
"""Of a deadline: what is admitted has to end within so many times it, the way there and back included."""


@dataclass(frozen=True)
class Phase:
    """A stretch of a run that its shape names, such as "before", "flash" and "after".

    Attributes:
        start_s: since the run began.
        end_s: likewise.
        rate: requests a second that the shape asked for on the mean.
    """

    name: str
    start_s: float
    end_s: float
    rate: float


@dataclass(frozen=True)
class Gate:
    """What a run had to hold, and whether it did.

    Attributes:
        name: of the figure, with its unit and phase.
        most: the figure may not exceed it; None if it has only a least.
        least: the figure may not be below it; None likewise.
        figure: what was measured; None if nothing was, which passes no gate.
    """

    name: str
    figure: float | None
    most: float | None = None
    least: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it was held."""
        return (
            self.figure is not None
            and (self.most is None or self.figure <= self.most)
            and (self.least is None or self.figure >= self.least)
        )


@dataclass(frozen=True)
class Run:
    """What a run was.

    Attributes:
        shape: steady, step, day, flash, soak, cold, outage or swap.
        started_at: ISO 8601, UTC.
        seed: of devices, traffic and catalogue.
        devices: simulated.
        seen_devices: of which a session came.
        sessions: that came.
        items: in the catalogue.
        model: name and revision that answered.
        revision: of the code, as git names it.
        machine: processor, cores and memory, in words.
        settings: everything else that decides what the run is, by name.
        phases: in order.
        gates: in order.
        events: what was done at which second, such as {"second": 60, "text": "Redis was stopped"}.
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
    """A run and its seconds, in order, none missing."""

    run: Run
    seconds: Sequence[Second]

    def write(self, folder: Path) -> None:
        """Write both files into a folder, made where there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(one.to_json()) + "\n" for one in self.seconds)
        (folder / SECONDS_FILE).write_text(lines, encoding="utf-8")
        (folder / RUN_FILE).write_text(json.dumps(asdict(self.run), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Recording":
        """Read what `write` wrote.

        Raises:
            OSError: a file is not there.
            ValueError: a file is not one that `write` wrote.
        """
        try:
            values = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
            values["phases"] = [Phase(**one) for one in values["phases"]]
            values["gates"] = [Gate(**one) for one in values["gates"]]
            lines = (folder / SECONDS_FILE).read_text(encoding="utf-8").splitlines()
            return cls(Run(**values), [Second.from_json(json.loads(line)) for line in lines])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValueError(f"{RUN_FILE} or {SECONDS_FILE} is not what a load run writes") from None
