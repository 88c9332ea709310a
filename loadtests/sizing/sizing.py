"""The arithmetic of capacity planning; every input carries its source.

A serving process has a core of its own. Zones have equal size, and all but one of them must carry the peak.
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
    """The inputs of a sizing.

    Attributes:
        devices: active per day.
        sessions: per device and day.
        requests: per session.
        peak: peak rate relative to the mean rate.
        core_ms: core time of the service per request, in milliseconds.
        redis_core_ms: core time of Redis per request, in milliseconds.
        fullness: maximal utilisation of a core at the peak, from 0 to 1.
        zones: number of zones that instances are spread over.
        process_mb: resident memory of a serving process.
        items: number of items in Redis.
        item_bytes: memory of an item in Redis.
        models: number of models whose vectors are in Redis during a swap.
        copies: of Redis's data, replicas included.
        redis_fullness: maximal share of Redis's memory used by data, from 0 to 1.
        core_price: of a core-hour, in any currency; None for no cost.
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
        """Look up an input by name."""
        figure: Any = getattr(self, name)
        return float(figure.value)


@dataclass(frozen=True)
class Sizing:
    """The results of a sizing.

    Attributes:
        requests_a_day: of all devices.
        mean_rate: requests per second.
        peak_rate: requests per second at the peak.
        busy_cores: cores of the service that the peak keeps busy.
        cores: of the service in all zones.
        memory_gb: of the service, in all zones.
        redis_gb: of Redis, all copies.
        redis_cores: of Redis, all copies.
        month_cost: per month of 730 hours; None without prices.
        million_cost: per million requests; None without prices.
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
    """Compute the results."""
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
    """Round up, to at least one; tolerates floating-point error above a whole number."""
    return max(1, math.ceil(round(cores, 9)))


def _month_cost(figures: Figures, cores: int, gigabytes: float) -> float | None:
    if figures.core_price is None or figures.gb_price is None:
        return None
    return MONTH_HOURS * (cores * figures.core_price.value + gigabytes * figures.gb_price.value)
