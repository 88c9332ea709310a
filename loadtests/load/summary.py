"""A summary of a run for a terminal."""

import math

from rich.console import Console
from rich.table import Table

from loadtests.load.gates import covered, share, summed
from loadtests.load.recording import Recording

_HEADINGS = (
    "asked/s",
    "answered/s",
    "in time/s",
    "missed",
    "refused",
    "late",
    "failed",
    "retried",
    "degraded",
    "p50 ms",
    "p99 ms",
    "p99 ms from send",
    "ended in time",
)
WIDTH = 144  # of a console that fits all columns


def printed(recording: Recording, console: Console) -> None:
    """Print a row per phase, and the gates."""
    run = recording.run
    console.print(
        f"{run.shape}: {run.devices:,} devices, of which {run.seen_devices:,} came in {run.sessions:,} sessions; "
        f"{run.items:,} items; {run.model}"
    )
    console.print(phases_of(recording))
    console.print(gates_of(recording))


def phases_of(recording: Recording) -> Table:
    """A row per phase; latencies are from the intended start unless stated otherwise.

    Goodput is the rate of answers in time; beside it is the share of admitted attempts that ended within `GRACE`
    deadlines.
    """
    table = Table("phase")
    for heading in _HEADINGS:
        table.add_column(heading, justify="right")
    for phase in recording.run.phases:
        seconds = covered(phase)
        chosen = recording.seconds[seconds.start : seconds.stop]
        whole, length = summed(chosen), max(1, len(chosen))
        table.add_row(
            phase.name,
            *[f"{count / length:,.1f}" for count in (whole.asked, whole.answered, whole.in_time)],
            *[
                f"{count:,}"
                for count in (
                    whole.missed,
                    whole.refused,
                    whole.late,
                    whole.failed,
                    whole.retried,
                    whole.degraded,
                )
            ],
            *[
                "-" if value is None else f"{value:,.1f}"
                for value in (
                    whole.from_intended.percentile_ms(50),
                    whole.from_intended.percentile_ms(99),
                    whole.from_sent.percentile_ms(99),
                )
            ],
            _percent(share(whole.ended_in_time, whole.admitted)),
        )
    return table


def gates_of(recording: Recording) -> Table:
    """The gates and their values."""
    table = Table("gate", "bound", "measured", "")
    for gate in recording.run.gates:
        bound = f"<= {gate.most:g}" if gate.most is not None else f">= {gate.least:g}"
        figure = "-" if gate.figure is None else f"{gate.figure:.4g}"
        table.add_row(gate.name, bound, figure, "held" if gate.passed else "NOT HELD")
    return table


def _percent(part: float | None) -> str:
    """Round down, so that 100 % means all."""
    return "-" if part is None else f"{math.floor(10_000 * part) / 100:.2f} %"
