"""The plots of a run, as numbers."""

from collections.abc import Sequence

from loadtests.load.recording import Phase
from loadtests.report.observed import CORES, LATE_MS, MEMORY, TIERS, hit_ratio, megabytes
from loadtests.report.plot import Line, Panel, Plot
from loadtests.report.stretch import Stretch

PERCENTILES = (50.0, 95.0, 99.0, 99.9)
_STARTS = {"from_intended": "from the intended start", "from_sent": "from the send"}


def plots_of(windows: Sequence[Stretch], phases: Sequence[Phase]) -> list[Plot]:
    """Make all plots; lines without values, panels without lines and plots without panels are left out.

    Args:
        windows: each gives one value of every line.
        phases: with the rates of the shape.
    """
    every = [_latency(windows), _rate(windows, phases), _troubles(windows), _cache(windows), _processes(windows)]
    return [one for one in every if one.panels]


def _latency(windows: Sequence[Stretch]) -> Plot:
    return _plot(
        "latency",
        "Latency",
        "From the intended start, waiting for a late send counts; from the send, it does not. Axes are logarithmic.",
        [
            Panel(f"answered attempts, {words}", "ms", _percentiles(windows, kind), logarithmic=True)
            for kind, words in _STARTS.items()
        ],
    )


def _percentiles(windows: Sequence[Stretch], kind: str) -> list[Line]:
    merged = [one.latencies(kind) for one in windows]
    return [Line(f"p{percent:g}", [one.percentile_ms(percent) for one in merged]) for percent in PERCENTILES]


def _rate(windows: Sequence[Stretch], phases: Sequence[Phase]) -> Plot:
    lines = [
        Line("the shape's mean", [_rate_at(one.start_s, phases) for one in windows]),
        *(_counts(windows, name) for name in ("asked", "sent", "answered", "in_time")),
    ]
    return _plot(
        "rate",
        "Asked against achieved",
        "What devices meant to start, what was started, what was answered in full, and within the deadline. Retries "
        "count as asked again.",
        [Panel("attempts", "a second", lines)],
    )


def _rate_at(second: float, phases: Sequence[Phase]) -> float | None:
    return next((one.rate for one in phases if one.start_s <= second < one.end_s), None)


def _troubles(windows: Sequence[Stretch]) -> Plot:
    unanswered, after = ("refused", "late", "failed", "missed"), ("retried", "given_up", "degraded")
    return _plot(
        "troubles",
        "Refused, late, failed, missed",
        "Refused: answered with 429. Late: answered with 504. Missed: not started, since as many as may be were under "
        "way. Given up: requests that no attempt answered.",
        [
            Panel("attempts without an answer", "a second", [_counts(windows, name) for name in unanswered]),
            Panel("attempts again, requests given up, answers", "a second", [_counts(windows, name) for name in after]),
        ],
    )


def _counts(windows: Sequence[Stretch], name: str) -> Line:
    return Line(name.replace("_", " "), [one.per_second(name) for one in windows])


def _cache(windows: Sequence[Stretch]) -> Plot:
    lines = [
        Line(words, [None if (ratio := hit_ratio(one, tier)) is None else 100 * ratio for one in windows])
        for words, tier in TIERS.items()
    ]
    return _plot(
        "cache",
        "Cache hits by tier",
        "Of what was looked up in each: whole texts of queries; items in process; in Redis, what memory did not know.",
        [Panel("hits", "%", lines, most=100)],
    )


def _processes(windows: Sequence[Stretch]) -> Plot:
    cores = [Line(words, [one.mean(name) for one in windows]) for words, name in CORES.items()]
    memory = [Line(words, [megabytes(one.most(name)) for one in windows]) for words, name in MEMORY.items()]
    late = [Line("load generator", [one.most(LATE_MS) for one in windows])]
    return _plot(
        "processes",
        "Cores and memory",
        "Cores used on the mean of each window, the most memory resident in it, and how late the load generator itself "
        "started an attempt at most: where that is long, the generator was the bottleneck.",
        [
            Panel("processor", "cores", cores),
            Panel("memory", "MB", memory),
            Panel("lateness of attempts' starts", "ms", late),
        ],
    )


def _plot(name: str, title: str, what: str, panels: Sequence[Panel]) -> Plot:
    shown = [
        Panel(one.title, one.unit, [line for line in one.lines if line.known], one.logarithmic, one.most)
        for one in panels
    ]
    return Plot(name, title, what, [one for one in shown if one.lines])
