"""Inputs of a sizing from recordings of load runs."""

import math
from collections.abc import Mapping
from pathlib import Path

from loadtests.load.knee import settled
from loadtests.load.recording import Recording
from loadtests.report.stretch import Stretch, of_phase, phases, whole
from loadtests.sizing.sizing import Figure


class NotMeasuredError(Exception):
    """A recording lacks a measurement, which the message names."""


def measured(runs: Mapping[Path, Recording], phase: str | None = None) -> dict[str, Figure]:
    """Inputs by their name in `sizing.Figures`: core time, memory, and requests per session.

    Core time is that of the named phase, else of a step run's knee, else of the longest phase of the first run. Memory
    is the maximum of all runs, since it grows with the cached items.

    Args:
        runs: by folder, in the given order.
        phase: name of the phase to take core time from.

    Raises:
        NotMeasuredError: there are no answers, or processes were not observed.
    """
    folder, recording = next(
        ((where, one) for where, one in runs.items() if _knee(one) is not None), next(iter(runs.items()))
    )
    stretch = _chosen(recording, phase)
    if stretch is None:
        raise NotMeasuredError(f"{folder} has no phase {phase}")
    source = f"measured: {folder}, {stretch.name}"
    memory, of = max((_process_mb(one), where) for where, one in runs.items())
    if not memory:
        raise NotMeasuredError(f"{folder}: no memory of the service was observed")
    pages = recording.run.settings.get("mean_pages")
    simulated = {} if pages is None else {"requests": Figure(pages, f"as simulated: {folder}")}
    return simulated | {
        "core_ms": Figure(_core_ms(stretch, "service_cores", folder), source),
        "redis_core_ms": Figure(_core_ms(stretch, "redis_cores", folder), source),
        "process_mb": Figure(memory, f"measured: {of}, the most of any second"),
    }


def _knee(recording: Recording) -> float | None:
    """The rate of the last step that held; None for other runs, or if none held."""
    knee: float | None = recording.run.settings.get("knee")
    return knee


def _chosen(recording: Recording, name: str | None) -> Stretch | None:
    if name is not None:
        return next((one for one in phases(recording) if one.name == name), None)
    knee = _knee(recording)
    for phase in recording.run.phases:
        if phase.rate == knee:
            return of_phase(recording, settled(phase))
    return max(phases(recording), key=lambda one: len(one.seconds), default=whole(recording))


def _core_ms(stretch: Stretch, name: str, folder: Path) -> float:
    """The ratio of two observed means over the same seconds."""
    seen = [one for one in stretch.seconds if name in one.observed]
    answered = sum(one.answered for one in seen)
    if not answered:
        raise NotMeasuredError(f"{folder}, {stretch.name}: no {name} were observed of seconds with answers")
    return round(1000 * math.fsum(one.observed[name] for one in seen) / answered, 6)


def _process_mb(recording: Recording) -> float:
    processes = int(recording.run.settings.get("service", {}).get("EDGE_RANK_WORKERS", 1))
    return (whole(recording).most("service_bytes") or 0.0) / processes / 1e6
