"""The state of a run at the master: counts of all workers, its progress and its end."""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.load.arrivals import MEAN_PAGES
from loadtests.load.gates import covered, judged, summed
from loadtests.load.knee import Step, gate_of, knee_of, settled, step_of
from loadtests.load.machine import code_revision, described_machine, model_of
from loadtests.load.plan import Plan
from loadtests.load.recording import Gate, Recording, Run, Second
from loadtests.load.tally import Book
from loadtests.load.traffic import Census

STEP_P99_MS = 50.0
_STRAGGLERS_S = 3.0


class Fleet:
    """A run in progress."""

    def __init__(self, plan: Plan, *, host: str, workers: int, started_at: float, now: Callable[[], float]) -> None:
        """Start.

        Args:
            plan: the plan.
            host: of the service.
            workers: number of workers.
            started_at: time of the run's second 0, in seconds since 1970.
            now: seconds since 1970.
        """
        self.plan, self.workers, self.started_at = plan, workers, started_at
        self._host, self._now = host, now
        self.census = Census(plan.arrivals, plan.options.devices)
        self.book = Book()
        self.lost = self._done = 0
        self._processor_s: dict[int, float] = {}
        self._steps: list[Step] = []
        self._end_s: float | None = None
        self._model = model_of(host)

    @property
    def clock_s(self) -> float:
        """Seconds since the start of the run; negative before."""
        return self._now() - self.started_at

    @property
    def processor_s(self) -> float:
        """Processor time of the workers so far, in seconds."""
        return sum(self._processor_s.values())

    @property
    def end_s(self) -> float:
        """The end of the run: that of its shape, or earlier if the knee was passed."""
        return self.plan.shape.duration_s if self._end_s is None else self._end_s

    def add(self, worker: int, seconds: Iterable[dict[str, Any]], processor_s: float) -> None:
        """Add a worker's counts and its processor time so far."""
        self.book.merge(seconds)
        self._processor_s[worker] = processor_s

    def done(self) -> None:
        """Register a finished worker."""
        self._done += 1

    def lose(self, workers: int) -> None:
        """Register workers that were lost before they finished."""
        self.lost = max(self.lost, workers)

    @property
    def is_over(self) -> bool:
        """Whether all workers have finished or are lost."""
        late = self.end_s + self.plan.options.timeout + _STRAGGLERS_S
        return self._done >= self.workers - self.lost or self.clock_s > late

    def passed_knee(self) -> bool:
        """Judge the finished steps. Returns whether one did not hold, which ends the run."""
        if not self.plan.shape.to_knee or self._end_s is not None:
            return False
        for phase in self.plan.shape.steps[len(self._steps) :]:
            if self.clock_s < phase.end_s + _STRAGGLERS_S:
                return False
            self._judge(phase.name)
            if not self._steps[-1].held:
                self._end_s = max(phase.end_s, math.ceil(self.clock_s))
                return True
        return False

    def finished(self, faults: int = 0) -> Recording:
        """The recording; `faults` is the number of failures of the load generator itself."""
        if self.plan.shape.to_knee:
            for phase in self.plan.shape.steps[len(self._steps) :]:
                if phase.end_s <= self.end_s:
                    self._judge(phase.name)
        end = math.ceil(self.end_s)
        self.census.count_until(end)
        phases = [one for one in self.plan.shape.phases if one.start_s < end]
        options = self.plan.options
        run = Run(
            shape=self.plan.shape.name,
            started_at=datetime.fromtimestamp(self.started_at, UTC).isoformat(),
            seed=options.seed,
            devices=options.devices,
            seen_devices=self.census.seen_devices,
            sessions=self.census.sessions,
            items=options.items,
            model=self._model,
            revision=code_revision(),
            machine=described_machine(),
            settings=self._settings(),
            phases=phases,
            gates=self._gates(faults),
        )
        return Recording(run, list(self.book.seconds(0, end)))

    def _judge(self, name: str) -> None:
        (phase,) = (one for one in self.plan.shape.phases if one.name == name)
        seconds = covered(settled(phase))
        whole = summed(self.book.seconds(seconds.start, seconds.stop))
        bound = self.plan.options.gate_p99_ms or STEP_P99_MS
        self._steps.append(step_of(phase, whole, len(seconds), bound))

    def _gates(self, faults: int) -> list[Gate]:
        phases: dict[str, list[Second]] = {}
        for phase in self.plan.shape.phases:
            seconds = covered(phase)
            phases[phase.name] = list(self.book.seconds(seconds.start, seconds.stop))
        gates = judged(self.plan.shape.bounds, phases, self.plan.options.knee)
        if self.plan.shape.to_knee:
            gates.append(gate_of(self._steps, self.plan.options.gate_knee))
        total = self.book.total
        unheard = total.admitted - total.answered - total.late - total.failed
        return [
            *gates,
            Gate("attempts of which nothing was heard", float(unheard), most=0.0),
            Gate("workers lost", float(self.lost), most=0.0),
            Gate("faults of the load generator", float(faults), most=0.0),
        ]

    def _settings(self) -> dict[str, Any]:
        options = self.plan.options
        settings: dict[str, Any] = {
            "host": self._host,
            "rate": options.rate,
            "duration_s": options.duration,
            "workers": self.workers,
            "most_under_way": options.most_under_way,
            "timeout_s": options.timeout,
            "deadline_ms": options.deadline_ms,
            "catalogue": Path(options.catalogue).name,  # its folder means nothing on other machines
            "mean_pages": round(MEAN_PAGES, 3),
        }
        if options.knee is not None:
            settings["knee_stated"] = options.knee
        if self.plan.shape.to_knee:
            settings |= {"knee": knee_of(self._steps), "steps": [asdict(one) for one in self._steps]}
        return settings
