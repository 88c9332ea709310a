"""Cores, memory, Redis and cost for a number of devices, from measurements: `python -m loadtests.sizing --help`.

    python -m loadtests.sizing --devices 8400000 --items 1000000 --item-bytes 532 --run runs/load/step

Core time and memory come from recordings or from flags, which take precedence. Assumptions are listed with the flags
that change them. Prices have no default; without them no cost is computed.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loadtests.load.recording import Recording
from loadtests.sizing.measured import NotMeasuredError, measured
from loadtests.sizing.sizing import Figure, Figures, Sizing, sized

# For each input: a description with its unit, and its default.
_FIGURES: Mapping[str, tuple[str, float | None]] = {
    "devices": ("devices a day", None),
    "sessions": ("sessions of a device and day", 3.0),
    "requests": ("requests of a session", 4.0),
    "peak": ("peak second by mean second", 2.5),
    "core_ms": ("ms of the service's cores for a request", None),
    "redis_core_ms": ("ms of Redis's core for a request", None),
    "fullness": ("share of a core in use at the peak", 0.6),
    "zones": ("zones, one of which may be lost", 3.0),
    "process_mb": ("MB resident of a serving process, which has a core", None),
    "items": ("items that Redis remembers", None),
    "item_bytes": ("bytes of an item in Redis", None),
    "models": ("models whose vectors Redis holds, while one replaces another", 2.0),
    "copies": ("copies of Redis's data", 2.0),
    "redis_fullness": ("share of Redis's memory that is data", 0.8),
    "core_price": ("price of a core-hour", None),
    "gb_price": ("price of a GB-hour of memory", None),
}
_MAY_LACK = {"core_price", "gb_price"}
_SHARES, _COUNTS = {"fullness", "redis_fullness"}, {"zones", "copies", "models"}


def main() -> None:
    """Compute the sizing and print it.

    Raises:
        SystemExit: an input is missing, or a recording lacks a measurement.
    """
    arguments = _parser().parse_args()
    figures = _figures(arguments, _of_recordings(arguments.run, arguments.phase))
    if arguments.markdown:
        print(markdown(figures, sized(figures)))  # noqa: T201
        return
    console = Console(width=120)
    console.print(_table(("figure", "", "source"), given_rows(figures)))
    console.print(_table(("what it takes", "", "how"), sizing_rows(sized(figures))))


def markdown(figures: Figures, sizing: Sizing) -> str:
    """Both tables in Markdown."""
    return "\n".join(
        line
        for heads, rows in (
            (("figure", "", "source"), given_rows(figures)),
            (("what it takes", "", "how"), sizing_rows(sizing)),
        )
        for line in (f"| {' | '.join(heads)} |", "|---|---:|---|", *(f"| {' | '.join(row)} |" for row in rows), "")
    ).rstrip("\n")


def given_rows(figures: Figures) -> list[tuple[str, str, str]]:
    """All inputs with their sources."""
    return [
        (what, _number(figure.value), figure.source)
        for name, (what, _) in _FIGURES.items()
        if (figure := getattr(figures, name)) is not None
    ]


def sizing_rows(sizing: Sizing) -> list[tuple[str, str, str]]:
    """All results with their formulas."""
    rows = [
        ("requests a day", _number(sizing.requests_a_day), "devices x sessions x requests"),
        ("requests/s, mean", _number(sizing.mean_rate), "of a day's 86,400 s"),
        ("requests/s, peak", _number(sizing.peak_rate), "mean x peak by mean"),
        ("cores that the peak keeps busy", _number(sizing.busy_cores), "peak x time of cores for a request"),
        ("cores of the service", f"{sizing.cores:,}", "by their fullness; without one zone still enough"),
        ("memory of the service, GB", _number(sizing.memory_gb), "a process a core"),
        ("memory of Redis, GB", _number(sizing.redis_gb), "items x bytes x models x copies, by its fullness"),
        ("cores of Redis", f"{sizing.redis_cores:,}", "peak x time of its core, by its fullness, each copy"),
    ]
    if sizing.month_cost is not None and sizing.million_cost is not None:
        rows += [
            ("cost of a month", _number(sizing.month_cost), "730 hours of all cores and all memory"),
            ("cost of a million requests", _number(sizing.million_cost), "month by its requests"),
        ]
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, action="append", default=[], metavar="FOLDER", help="recording; repeatable")
    parser.add_argument(
        "--phase", help="of the recording, for time of cores; default: a step run's knee, or the longest"
    )
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    for name, (what, assumed) in _FIGURES.items():
        default = "" if assumed is None else f"; assumed: {assumed:g}"
        parser.add_argument(f"--{name.replace('_', '-')}", type=_checked(name), metavar="N", help=f"{what}{default}")
    return parser


def _checked(name: str) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError("must be above 0")
        if name in _SHARES and value > 1:
            raise argparse.ArgumentTypeError("must be a share, at most 1")
        if name in _COUNTS and value != int(value):
            raise argparse.ArgumentTypeError("must be a whole number")
        return value

    return number


def _of_recordings(folders: Sequence[Path], phase: str | None) -> dict[str, Figure]:
    runs: dict[Path, Recording] = {}
    for folder in folders:
        try:
            runs[folder] = Recording.read(folder)
        except ValueError as error:
            raise SystemExit(f"{folder}: {error}") from None
        except OSError as error:
            raise SystemExit(f"{error.filename}: {error.strerror}") from None
    try:
        return measured(runs, phase) if runs else {}
    except NotMeasuredError as error:
        raise SystemExit(str(error)) from None


def _figures(arguments: argparse.Namespace, found: Mapping[str, Figure]) -> Figures:
    figures: dict[str, Figure] = {}
    for name, (_, assumed) in _FIGURES.items():
        flag, value = f"--{name.replace('_', '-')}", getattr(arguments, name)
        if value is not None:
            figures[name] = Figure(value, f"given: {flag}")
        elif name in found:
            figures[name] = found[name]
        elif assumed is not None:
            figures[name] = Figure(assumed, f"assumed: {flag}")
        elif name not in _MAY_LACK:
            raise SystemExit(
                f"{flag} is needed{'' if found else ', or --run with a recording' if _is_timed(name) else ''}"
            )
    if _MAY_LACK & set(figures) and not set(figures) >= _MAY_LACK:
        raise SystemExit("a cost takes both prices: --core-price and --gb-price")
    return Figures(**figures)


def _is_timed(name: str) -> bool:
    return name in {"core_ms", "redis_core_ms", "process_mb"}


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table()
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place == 1 else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.4g}"


if __name__ == "__main__":
    main()
