"""The schedule of admitted work, in the order in which it will be done.

A request's work is split into parts, and each part is placed where it would begin if the request were alone: after what
came before that moment, before what comes after it. So a request with one text overtakes one with a thousand that came
earlier, and the thousand proceed at about half of their own speed, whatever else comes. No wait grows out of proportion
to the work that was asked for (Bender, Chakrabarti and Muthukrishnan, "Flow and Stretch Metrics for Scheduling
Continuous Job Streams", SODA 1998).

An admitted request makes no other late: a part that would make a later one miss its deadline is placed after that one.
"""

import math
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from operator import attrgetter

from service.admission.rate import LearnedRate

_ROUNDING_S = 1e-6
_LOOK_AGAIN_S = 0.02
_place = attrgetter("place")


@dataclass(eq=False, slots=True)
class Job:
    """A part of a request's work.

    Attributes:
        place: its sort key; the smallest goes first.
        units: of work that has not begun.
        due_s: its deadline; infinity without one.
        came_s: when it was admitted.
    """

    place: tuple[float, int]
    units: int
    due_s: float
    came_s: float


@dataclass(frozen=True, slots=True)
class Offer:
    """The prediction for a request, were it admitted.

    `tags` are the places of its parts, and `own_s` is how long it takes by itself; `late_s` is 0 if it is in time.
    """

    tags: Sequence[float]
    own_s: float
    done_s: float
    late_s: float


class Schedule:
    """Jobs in order. All moments are seconds of one monotonic clock."""

    def __init__(
        self, rate: LearnedRate, *, stretch: float = 1.0, under_way_s: Callable[[float], float] = lambda _: 0.0
    ) -> None:
        """Start empty, at the rate of all workers together.

        A part is placed at `stretch` times the work up to its end after its arrival, less its own work: more than 1
        lets small requests overtake large ones that can't be split. `under_way_s` says of a moment how long the work
        that has begun will still take.
        """
        self._rate, self._stretch, self._under_way_s = rate, stretch, under_way_s
        self._jobs: list[Job] = []
        self._sequence = count()
        self._slack_s, self._seen_s = math.inf, -math.inf

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def jobs(self) -> Sequence[Job]:
        """All jobs, in order."""
        return self._jobs

    @property
    def first(self) -> Job | None:
        """The job to be done first."""
        return self._jobs[0] if self._jobs else None

    def offer(
        self, parts: Sequence[int], due_s: float, now_s: float, *, reserve_s: float = 0.0, alone: bool = False
    ) -> Offer:
        """Predict when a request would be done, were it admitted now.

        `parts` are the units of its work, in their order, at least one; `reserve_s` is a safety margin before the
        deadline. A request that is `alone` in the service is given as much as there is time for.
        """
        per_unit_s = self._rate.seconds_per_unit
        ends = list(accumulate(parts))
        tags = [now_s + (self._stretch * end - part) * per_unit_s for part, end in zip(parts, ends, strict=True)]
        own_s = ends[-1] * per_unit_s
        begins_s = done_s = now_s + self._under_way_s(now_s)
        idle = alone and not self._jobs and begins_s <= now_s
        # If all jobs have time to spare, only those before it matter.
        spared = now_s < self._seen_s + _LOOK_AGAIN_S and self._slack_s > own_s + reserve_s
        slack_s = math.inf
        floor = before_s = 0.0
        passed = 0  # number of parts that go before the current job
        for job in self._jobs:
            tag = job.place[0]
            if spared and tag > tags[-1]:
                break
            done_s += job.units * per_unit_s
            if tag <= max(tags[-1], floor):
                begins_s = done_s
            if spared:
                continue
            while passed < len(tags) and tags[passed] < tag:
                before_s = ends[passed] * per_unit_s
                passed += 1
            left_s = job.due_s + _ROUNDING_S - done_s
            if reserve_s <= left_s < before_s + reserve_s:
                floor, begins_s = tag, done_s
            slack_s = min(slack_s, left_s) if left_s >= 0 else slack_s
        if not spared:
            self._slack_s, self._seen_s = slack_s, now_s
        done_s = begins_s + own_s
        # Refusing a request that is alone would spare nobody anything. Beside others, an empty queue says little: what
        # makes answers late may be the event loop, which all share.
        late_s = 0.0 if idle else max(0.0, done_s + reserve_s - due_s)
        return Offer([max(tag, floor) for tag in tags], own_s, done_s, late_s)

    def add(self, offer: Offer, due_s: float, now_s: float) -> list[Job]:
        """Admit a request as offered: returns a job for each part, still without work (see `give`)."""
        self._slack_s = min(self._slack_s - offer.own_s, due_s - offer.done_s)
        return [Job((tag, next(self._sequence)), 0, due_s, now_s) for tag in offer.tags]

    def begin(self, job: Job, units: int) -> None:
        """Note that units of a job have begun or were cancelled; a job without work leaves the schedule."""
        job.units -= units
        if job.units <= 0:
            self.remove(job)

    def give(self, job: Job, units: int) -> None:
        """Add units of work to a job."""
        if units > 0 >= job.units:
            insort(self._jobs, job, key=_place)
        job.units += units

    def remove(self, job: Job) -> None:
        """Remove a job, if it is still there."""
        if job in self._jobs:  # compares identities
            self._jobs.remove(job)
