"""The simulated population: all properties of a device follow from its number.

Activity is heavy-tailed: the most active fifth of the devices makes 77 % of the sessions, the first hundredth 35 %, and
the most active device a thousand times as many as the least active one. More active devices have longer histories.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loadtests.load.permutation import Permutation
from loadtests.load.randomness import key_of, uniforms
from loadtests.load.zipf import Zipf

_FLAT = 0.001
_MOST_HISTORY = 50
_INTERESTS = 3
MOST_CANDIDATES = 100


@dataclass(frozen=True)
class _Kind:
    """A category of devices, and its share."""

    name: str
    share: float
    value: int = 0


_LOCALES = tuple(
    _Kind(name, share)
    for name, share in (
        ("en-US", 0.30),
        ("en-GB", 0.14),
        ("en-IN", 0.22),
        ("en-SG", 0.08),
        ("en-AU", 0.08),
        ("de-DE", 0.08),
        ("fr-FR", 0.06),
        ("zh-CN", 0.04),
    )
)
# Maximal number of attempts by network, the first included: expensive networks give up earlier.
_NETWORKS = (_Kind("wifi", 0.55, 3), _Kind("5g", 0.20, 3), _Kind("4g", 0.20, 2), _Kind("3g", 0.05, 1))
# Candidates that the backend retrieves per page, by version.
_VERSIONS = (
    _Kind("8.2", 0.40, 40),
    _Kind("8.1", 0.30, 20),
    _Kind("8.0", 0.15, 60),
    _Kind("7.9", 0.15, MOST_CANDIDATES),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device.

    Attributes:
        id: its number, from 0.
        activity: its number of sessions relative to the mean.
        locale: of its user.
        network: that it mostly uses.
        most_attempts: maximal number of attempts for a page.
        app_version: of the app.
        page_candidates: number of candidates that the backend ranks for a page of that version.
        interests: numbers of categories, the strongest first.
        history_length: number of events.
    """

    id: int
    activity: float
    locale: str
    network: str
    most_attempts: int
    app_version: str
    page_candidates: int
    interests: tuple[int, ...]
    history_length: int


class Population:
    """A population of some size."""

    def __init__(self, count: int, categories: int, seed: int) -> None:
        self.count = count
        self._categories = categories
        self._seed = key_of(seed, count)
        self._activity = Zipf(count, max(1.0, _FLAT * count))
        self._order = Permutation(count, self._seed)

    def drawn(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """Draw devices in proportion to their activity: an id for each number in [0, 1)."""
        return self._order.ids_of(self._activity.ranks(numbers))

    def device(self, number: int) -> Device:
        """Compute a device."""
        rank = int(self._order.ranks_of(np.array([number]))[0])
        activity = self._activity.weight(rank)
        draws = uniforms(key_of(self._seed, number), 5 + _INTERESTS).tolist()
        network, version = _of(_NETWORKS, draws[1]), _of(_VERSIONS, draws[2])
        return Device(
            id=number,
            activity=activity,
            locale=_of(_LOCALES, draws[0]).name,
            network=network.name,
            most_attempts=network.value,
            app_version=version.name,
            page_candidates=version.value,
            interests=tuple(int(one * self._categories) for one in draws[5:]),
            history_length=_history_length(activity, draws[3]),
        )


def _of(kinds: tuple[_Kind, ...], draw: float) -> _Kind:
    for kind in kinds:
        draw -= kind.share
        if draw < 0:
            return kind
    return kinds[-1]


def _history_length(activity: float, draw: float) -> int:
    """An exponential length that grows with activity; 0 for about one device in ten."""
    mean = 4 + 8 * math.sqrt(activity)
    return min(_MOST_HISTORY, int(-mean * math.log1p(-draw)))
