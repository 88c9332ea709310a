"""The options of a load test, shared by Locust and `python -m loadtests.load`."""

import argparse
import math
from dataclasses import dataclass

from loadtests.load.shapes import SHAPES
from service.admission.deadline import DEADLINE_HEADER, LONGEST_DEADLINE_MS
from service.settings import DEMO_CATALOGUE


@dataclass(frozen=True)
class Options:
    """The options; see `add_options`."""

    shape: str
    devices: int
    rate: float
    duration: float
    seed: int
    catalogue: str
    items: int
    most_under_way: int
    timeout: float
    deadline_ms: int
    knee: float | None
    gate_p99_ms: float | None
    gate_failed: float | None
    gate_sent: float | None
    gate_knee: float | None

    @classmethod
    def of(cls, parsed: argparse.Namespace) -> "Options":
        """Take the options from parsed arguments."""
        return cls(**{name: getattr(parsed, name) for name in cls.__dataclass_fields__})

    @property
    def deadline_s(self) -> float:
        """The deadline of answers in seconds; infinity without one."""
        return self.deadline_ms / 1000 if self.deadline_ms else math.inf

    def to_arguments(self) -> list[str]:
        """The options as command-line arguments."""
        values = {name.replace("_", "-"): getattr(self, name) for name in self.__dataclass_fields__}
        return [part for name, value in values.items() if value is not None for part in (f"--{name}", str(value))]


def add_options(parser: argparse.ArgumentParser, *, shape: bool = True) -> None:
    """Add the options to a parser, with or without the shape."""
    if shape:
        parser.add_argument("--shape", choices=sorted(SHAPES), default="steady", help="how much is asked when")
    parser.add_argument("--devices", type=_count, default=1_000_000, help="that are simulated")
    parser.add_argument("--rate", type=_positive, default=100.0, help="requests a second of the shape's base load")
    parser.add_argument("--duration", type=_positive, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, default=17, help="of devices and traffic: the same seed, the same traffic")
    parser.add_argument(
        "--catalogue",
        type=str,
        default=str(DEMO_CATALOGUE),
        metavar="FILE",
        help="JSON lines of items that are asked for",
    )
    parser.add_argument("--items", type=_count, default=100_000, help="to which the catalogue is scaled up")
    parser.add_argument(
        "--most-under-way", type=_count, default=2000, help="attempts at the same time; beyond them, starts are missed"
    )
    parser.add_argument(
        "--timeout", type=_positive, default=5.0, help="seconds after which a device gives an attempt up"
    )
    parser.add_argument(
        "--deadline-ms",
        type=_deadline,
        default=100,
        metavar="MS",
        help=f"that each attempt says in {DEADLINE_HEADER}; 0: it says none",
    )
    parser.add_argument(
        "--knee",
        type=_positive,
        metavar="RATE",
        help="requests a second that the service can do (shape step): what answers in time are a share of",
    )
    gates = {
        "p99-ms": "most p99 from the intended start, in milliseconds, where the shape has a bound on it",
        "failed": "most failed attempts, as a share of those sent",
        "sent": "least sent attempts, as a share of those asked for",
        "knee": "of the shape step: least requests a second that have to be held",
    }
    for name, what in gates.items():
        parser.add_argument(f"--gate-{name}", type=float, help=f"{what}; default: the shape's")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _deadline(text: str) -> int:
    value = int(text)
    if not 0 <= value <= LONGEST_DEADLINE_MS:
        raise argparse.ArgumentTypeError(f"must be from 0 to {LONGEST_DEADLINE_MS}")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return value
