"""How much it takes to serve so many devices a day: arithmetic over figures, each of which says where it comes from.

A serving process has a core of its own. Zones are of one size, and all but one of them carry the peak.
"""

import math
from dataclasses import dataclass
from typing import Any

DAY_S, MONTH_HOURS = 86_400, 730.0
_MONTH_DAYS = MONTH_HOURS / 24


@dataclass(frozen=True)
class Figure:
    """A number and its source: a measurement, a flag, or an assumption."""

    value: float
    source: str


@dataclass(frozen=True)
class Figures:
    """What a sizing is made of.

    Attributes:
        devices: that are used on a day.
        sessions: of a device and day.
        requests: of a session.
        peak: the busiest second's requests by those of the mean second.
        core_ms: of the service's cores that a request takes, in milliseconds.
        redis_core_ms: of Redis's, likewise.
        fullness: how much of a core may be used at the peak, from 0 to 1.
        zones: that instances are spread over; with one, nothing is left if it is lost.
        process_mb: resident memory of a serving process.
        items: that Redis remembers.
        item_bytes: memory that one takes in Redis.
        models: whose vectors lie side by side in Redis while one replaces another.
        copies: of Redis's data, replicas included.
        redis_fullness: how much of Redis's memory may be data, from 0 to 1.
        core_price: of a core-hour, in any currency; None: no cost is worked out.
        gb_price: of a GB-hour of memory, likewise.
    """

    devices: Figure
    sessions: Figure
    requests: Figure
    peak: Figure
    core_ms: Figure
    redis_core_ms: Figure
    fullness: Figure
    zones: Figure
    process_mb: Figure
    items: Figure
    item_bytes: Figure
    models: Figure
    copies: Figure
    redis_fullness: Figure
    core_price: Figure | None = None
    gb_price: Figure | None = None

    def value(self, name: str) -> float:
        """The number by its name."""
        figure: Any = getattr(self, name)
        return float(figure.value)


@dataclass(frozen=True)
class Sizing:
    """What it takes.

    Attributes:
        requests_a_day: of all devices.
        mean_rate: requests a second.
        peak_rate: likewise, in the busiest second.
        busy_cores: of the service that the peak keeps busy.
        cores: of the service, in all zones.
        memory_gb: of the service, in all zones.
        redis_gb: of Redis, all copies.
        redis_cores: of Redis, all copies.
        month_cost: of a month of 730 hours; None without prices.
        million_cost: of a million requests; None without prices.
    """

    requests_a_day: float
    mean_rate: float
    peak_rate: float
    busy_cores: float
    cores: int
    memory_gb: float
    redis_gb: float
    redis_cores: int
    month_cost: float | None
    million_cost: float | None


def sized(figures: Figures) -> Sizing:
    """Work it out."""
    value = figures.value
    requests_a_day = value("devices") * value("sessions") * value("requests")
    mean_rate = requests_a_day / DAY_S
    peak_rate = mean_rate * value("peak")
    busy_cores = peak_rate * value("core_ms") / 1000
    zones = int(value("zones"))
    cores = zones * _whole(busy_cores / value("fullness") / max(1, zones - 1))
    memory_gb = cores * value("process_mb") / 1000
    copies = int(value("copies"))
    redis_gb = value("items") * value("item_bytes") * value("models") * copies / value("redis_fullness") / 1e9
    redis_cores = copies * _whole(peak_rate * value("redis_core_ms") / 1000 / value("fullness"))
    month = _month_cost(figures, cores + redis_cores, memory_gb + redis_gb)
    return Sizing(
        requests_a_day=requests_a_day,
        mean_rate=mean_rate,
        peak_rate=peak_rate,
        busy_cores=busy_cores,
        cores=cores,
        memory_gb=memory_gb,
        redis_gb=redis_gb,
        redis_cores=redis_cores,
        month_cost=month,
        million_cost=None if month is None else month / (requests_a_day * _MONTH_DAYS) * 1e6,
    )


def _whole(cores: float) -> int:
    """At least one; what floating point puts a hair above a whole number is that number."""
    return max(1, math.ceil(round(cores, 9)))


def _month_cost(figures: Figures, cores: int, gigabytes: float) -> float | None:
    if figures.core_price is None or figures.gb_price is None:
        return None
    return MONTH_HOURS * (cores * figures.core_price.value + gigabytes * figures.gb_price.value)
