"""What has been taken on, in the order in which it will be done.

Each job is due a multiple of its own work after it came, and what is due first is done first. So a job of one text
passes a job of a thousand that came before it, until the large one has waited as long as its own work takes; from then
on nothing that comes passes it. Nobody's wait grows out of proportion to what they ask for: it is the order that bounds
the largest ratio of a job's time to its work (Bender, Chakrabarti and Muthukrishnan, "Flow and Stretch Metrics for
Scheduling Continuous Job Streams", SODA 1998).

Whoever is taken on displaces nobody: a job that would make one behind it miss its deadline goes behind that one.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from operator import attrgetter

from service.admission.rate import LearnedRate

STRETCH = 1.0
_ROUNDING_S = 1e-6
_place = attrgetter("place")


@dataclass(eq=False, slots=True)
class Job:
    """Work of one request.

    Attributes:
        place: where it stands: what is smaller goes first.
        units: how much of it has not been begun.
        due_s: when it must be done; infinity if there is no such moment.
        came_s: when it was taken on.
    """

    place: tuple[float, int]
    units: int
    due_s: float
    came_s: float


@dataclass(frozen=True, slots=True)
class Offer:
    """What taking a job on would mean.

    Attributes:
        tag: where it would stand.
        done_s: when it would be done.
        late_s: by how much that is too late; 0 if it is in time.
    """

    tag: float
    done_s: float
    late_s: float


class Schedule:
    """Jobs in order. All moments are seconds of one clock that only goes forward."""

    def __init__(self, rate: LearnedRate, *, under_way_s: Callable[[float], float] = lambda _: 0.0) -> None:
        """Begin with nothing to do.

        Args:
            rate: of all who work together.
            under_way_s: at a moment, how long what has been begun will still take.
        """
        self._rate, self._under_way_s = rate, under_way_s
        self._jobs: list[Job] = []
        self._sequence = count()

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def units(self) -> int:
        """How much has not been begun."""
        return sum(job.units for job in self._jobs)

    @property
    def first(self) -> Job | None:
        """What is to be done first."""
        return self._jobs[0] if self._jobs else None

    def offer(self, units: int, due_s: float, now_s: float, *, reserve_s: float = 0.0) -> Offer:
        """What would become of a job, were it taken on now.

        Args:
            units: of the job.
            due_s: when it must be done.
            now_s: the moment.
            reserve_s: how long before that it is to be done as predicted, since predictions are off.
        """
        own_s, per_unit_s = self._rate.seconds(units), self._rate.seconds_per_unit
        tag = now_s + STRETCH * own_s
        begins_s = done_s = now_s + self._under_way_s(now_s)
        idle = not self._jobs and begins_s <= now_s
        for job in self._jobs:
            done_s += job.units * per_unit_s
            if job.place[0] <= tag:
                begins_s = done_s
            elif done_s + reserve_s <= job.due_s + _ROUNDING_S < done_s + own_s + reserve_s:
                tag, begins_s = job.place[0], done_s
        done_s = begins_s + own_s
        # Where nothing is before it, as much of it is done as there is time for.
        return Offer(tag, done_s, 0.0 if idle else max(0.0, done_s + reserve_s - due_s))

    def add(self, offer: Offer, units: int, due_s: float, now_s: float) -> Job:
        """Take a job on, as offered."""
        job = Job((offer.tag, next(self._sequence)), 0, due_s, now_s)
        self.give(job, units)
        return job

    def begin(self, job: Job, units: int) -> None:
        """So much of a job is begun; one of which all is begun leaves the schedule."""
        job.units -= units
        if job.units <= 0:
            self.remove(job)

    def give(self, job: Job, units: int) -> None:
        """A job has so much more to do."""
        if units > 0 >= job.units:
            insort(self._jobs, job, key=_place)
        job.units += units

    def remove(self, job: Job) -> None:
        """Forget a job, if it is still there."""
        if job in self._jobs:  # compares identities
            self._jobs.remove(job)
