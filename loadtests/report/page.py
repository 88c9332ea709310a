"""The contents of a report: every number on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.load.gates import share
from loadtests.load.recording import COUNTS, Gate, Recording, Run
from loadtests.report.observed import CORES, COUNTED, HELD, LATE_MS, MEMORY, TIERS, hit_ratio, megabytes
from loadtests.report.plot import Plot
from loadtests.report.plots import PERCENTILES, plots_of
from loadtests.report.stretch import Stretch, duration_s, phases, whole, windows

KINDS = {
    "from_intended": "attempts, from the intended start",
    "from_sent": "attempts, from the send",
    "until_answered": "requests, retries and waits included",
}


@dataclass(frozen=True)
class LatencyRow:
    """Percentiles of one kind of latency over a stretch, in milliseconds, in the order of `PERCENTILES`."""

    stretch: str
    kind: str
    count: int
    percentiles: Sequence[float | None]


@dataclass(frozen=True)
class CountRow:
    """Rates and counts of a stretch's attempts.

    Attributes:
        stretch: its name.
        start_s: since the start of the run.
        end_s: likewise.
        asked_rate: mean requests per second of the shape; None for several phases.
        achieved_rate: attempts started per second.
        answered_rate: attempts answered per second.
        in_time_rate: attempts answered within the deadline per second.
        ended_in_time: share of admitted attempts, from 0 to 1; None without any.
        counts: in the order of `recording.COUNTS`.
    """

    stretch: str
    start_s: float
    end_s: float
    asked_rate: float | None
    achieved_rate: float | None
    answered_rate: float | None
    in_time_rate: float | None
    ended_in_time: float | None
    counts: Sequence[int]


@dataclass(frozen=True)
class ObservedRow:
    """Observations of a stretch; None where there are none.

    Attributes:
        stretch: its name.
        cores: mean number used, in the order of `observed.CORES`.
        megabytes: maximal resident memory, in the order of `observed.MEMORY`.
        late_ms: maximal delay of an attempt by the load generator.
        hits: hit ratios from 0 to 1, in the order of `observed.TIERS`.
        counted: sums, in the order of `observed.COUNTED`.
        held: maxima over seconds, in the order of `observed.HELD`.
    """

    stretch: str
    cores: Sequence[float | None]
    megabytes: Sequence[float | None]
    late_ms: float | None
    hits: Sequence[float | None]
    counted: Sequence[float | None]
    held: Sequence[float | None]


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes:
        run: its description.
        duration_s: until the end of its last second.
        gates: its gates.
        counts: a row for the whole run and for each phase.
        latencies: three rows for each of those.
        observed: rows of the stretches with observations.
        plots: over time.
        starts_s: start of each window of the plots.
    """

    run: Run
    duration_s: int
    gates: Sequence[Gate]
    counts: Sequence[CountRow]
    latencies: Sequence[LatencyRow]
    observed: Sequence[ObservedRow]
    plots: Sequence[Plot]
    starts_s: Sequence[float]

    @property
    def window_s(self) -> float:
        """Width of the plots' windows."""
        return self.starts_s[1] - self.starts_s[0] if len(self.starts_s) > 1 else self.duration_s

    @property
    def failed_gates(self) -> int:
        """Number of gates that failed."""
        return sum(not one.passed for one in self.gates)


def page_of(recording: Recording) -> Page:
    """Compute the report."""
    stretches, narrow = [whole(recording), *phases(recording)], windows(recording)
    return Page(
        run=recording.run,
        duration_s=duration_s(recording),
        gates=recording.run.gates,
        counts=[_counts(one) for one in stretches],
        latencies=[_latencies(one, kind) for one in stretches for kind in KINDS],
        observed=[_observed(one) for one in stretches if any(second.observed for second in one.seconds)],
        plots=plots_of(narrow, recording.run.phases),
        starts_s=[one.start_s for one in narrow],
    )


def _counts(stretch: Stretch) -> CountRow:
    return CountRow(
        stretch.name,
        stretch.start_s,
        stretch.end_s,
        stretch.rate,
        stretch.per_second("sent"),
        stretch.per_second("answered"),
        stretch.per_second("in_time"),
        share(stretch.total("ended_in_time"), stretch.total("sent") - stretch.total("refused")),
        [stretch.total(name) for name in COUNTS],
    )


def _latencies(stretch: Stretch, kind: str) -> LatencyRow:
    merged = stretch.latencies(kind)
    return LatencyRow(
        stretch.name, KINDS[kind], merged.count, [merged.percentile_ms(percent) for percent in PERCENTILES]
    )


def _observed(stretch: Stretch) -> ObservedRow:
    return ObservedRow(
        stretch.name,
        cores=[stretch.mean(name) for name in CORES.values()],
        megabytes=[megabytes(stretch.most(name)) for name in MEMORY.values()],
        late_ms=stretch.most(LATE_MS),
        hits=[hit_ratio(stretch, tier) for tier in TIERS.values()],
        counted=[stretch.sum(name) for name in COUNTED.values()],
        held=[stretch.most(name) for name in HELD.values()],
    )
