"""The requests that a page causes: bodies of `POST /v1/rank`.

A session either searches (three in five) or browses a feed without a query. Queries are Zipf-distributed over one for
every five items. The backend retrieves 20 to 100 candidates, as many as the device's app version shows: half of them
popular everywhere, half of the categories that the device's user likes, both Zipf-distributed; in the order of its own
scores. Candidates are named by id, except for a few that are new this minute and come with their text: none in half of
the requests, one on average. The device adds its history by item id, latest first.
"""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loadtests.load.catalogue import Catalogue
from loadtests.load.device import MOST_CANDIDATES, Device, Population
from loadtests.load.permutation import Permutation
from loadtests.load.randomness import key_of, uniforms
from loadtests.load.traffic import Request
from loadtests.load.zipf import Zipf

_SEARCH_SHARE = 0.6
_ITEMS_PER_QUERY = 5
_NEW = Zipf(500)
_NEW_FOR_S, _MEAN_NEW = 60.0, 1.5
_DRAWN = 2  # oversampling factor: popular items are drawn more than once
_ACTIONS = ("view",) * 6 + ("click",) * 2 + ("purchase", "skip")
_LADDERS = 64
_EVENT_AGE_S = 6 * 3600
_KEPT = 8192  # recently active devices
_UNIT = 2.0**-64


class _Asking(NamedTuple):
    """The common part of a device's requests.

    Attributes:
        head: of the body, up to the candidates.
        size: number of candidates.
        spreads: parameter of each draw's distribution, as in `Zipf`.
        starts: offset of each draw's items in the shelf.
    """

    head: str
    size: int
    spreads: NDArray[np.float64]
    starts: NDArray[np.int64]


class BodyWriter:
    """Writes the bodies of requests; equal requests have equal bodies."""

    def __init__(self, catalogue: Catalogue, population: Population, seed: int, *, with_texts: bool = False) -> None:
        """Prepare the common parts.

        Args:
            catalogue: the items.
            population: the devices.
            seed: of all draws.
            with_texts: send every candidate with its text.
        """
        self._catalogue, self._population = catalogue, population
        self._seed = key_of(seed, 3)
        self._shelf = _Shelf(catalogue, self._seed)
        self._queries = Zipf(max(1, catalogue.count // _ITEMS_PER_QUERY))
        items = [catalogue.item(number) for number in range(catalogue.count)]
        self._ids = [json.dumps(one.id) for one in items]
        self._heads = [
            _head({"id": one.id, "category": one.category} | ({"text": one.text} if with_texts else {}), number)
            for number, one in enumerate(items)
        ]
        self._ladders = [_ladder(key_of(self._seed, one)) for one in range(_LADDERS)]
        # The next page of a session, and the next session of an active device, come soon.
        self._asking = lru_cache(_KEPT)(self._asking_of)
        self._new_head = lru_cache(_KEPT)(self._head_of_new)
        self._query = lru_cache(_KEPT)(catalogue.query)

    def body(self, request: Request) -> bytes:
        """Write the body of a request."""
        asking = self._asking(request.device)
        key = key_of(self._seed, request.session, request.page)
        draws = uniforms(key, 3 + _DRAWN * asking.size)
        query, ladder, new = draws[:3].tolist()
        heads = self._new_heads(request.due_s, key, new) + self._known_heads(asking, draws[3:])
        candidates = map(str.__add__, heads[: asking.size], self._ladders[int(ladder * _LADDERS)])
        searches = key_of(self._seed, request.session) * _UNIT < _SEARCH_SHARE
        asked = f'{{"query":{json.dumps(self._query(self._queries.rank(query)))},' if searches else "{"
        return f"{asked}{asking.head}{','.join(candidates)}]}}".encode()

    def _known_heads(self, asking: _Asking, draws: NDArray[np.float64]) -> list[str]:
        numbers = self._shelf.items[asking.starts + np.expm1(draws * asking.spreads).astype(np.int64)]
        return [self._heads[number] for number in dict.fromkeys(numbers.tolist())]

    def _new_heads(self, due_s: float, key: int, draw: float) -> list[str]:
        """New items by rank; each rank's item changes once a minute, at its own time."""
        heads = []
        ranks = {_NEW.rank(key_of(key, one) * _UNIT) for one in range(int(-_MEAN_NEW * math.log1p(-draw)))}
        for rank in sorted(ranks):
            round_ = (due_s + _NEW_FOR_S * key_of(rank) * _UNIT) // _NEW_FOR_S
            heads.append(self._new_head(rank + _NEW.count * int(round_)))
        return heads

    def _head_of_new(self, number: int) -> str:
        item = self._catalogue.item(self._catalogue.count + number)
        return _head({"id": item.id, "category": item.category, "text": item.text}, None)

    def _asking_of(self, number: int) -> _Asking:
        device = self._population.device(number)
        spreads, starts = self._shelf.drawn(device.interests, _DRAWN * device.page_candidates)
        user = f'{{"id":"device-{device.id}","history":[{",".join(self._events(device))}]}}'
        return _Asking(f'"user":{user},"context":{_context(device)},"candidates":[', len(spreads) // 2, spreads, starts)

    def _events(self, device: Device) -> list[str]:
        """The device's history, constant within a run."""
        draws = uniforms(key_of(self._seed, device.id, 1), 2 * device.history_length)
        liked, acted = draws[: device.history_length], draws[device.history_length :]
        spreads, starts = self._shelf.liked(device.interests, device.history_length)
        items = self._shelf.items[starts + np.expm1(liked * spreads).astype(np.int64)].tolist()
        return [
            f'{{"item_id":{self._ids[item]},"action":"{_ACTIONS[int(act * len(_ACTIONS))]}","age_s":{_age_s(place)}}}'
            for place, (item, act) in enumerate(zip(items, acted.tolist(), strict=True))
        ]


class _Shelf:
    """Item numbers by popularity, followed by those of each category: one table to draw from.

    A draw follows `Zipf` with `flat` 1, over the items of its part of the table.
    """

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        popular = Permutation(catalogue.count, seed).ids_of(np.arange(catalogue.count))
        categories = np.array([catalogue.category_of(one) for one in range(catalogue.count)])[popular]
        parts = [popular, *(popular[categories == one] for one in range(len(catalogue.categories)))]
        self.items = np.concatenate(parts)
        lengths = np.array([len(one) for one in parts])
        # Slightly less, so that rounding never leaves the part of the table.
        self._spreads = np.log1p(lengths) * (1 - 1e-12)
        self._starts = np.cumsum(lengths) - lengths

    def liked(self, interests: Sequence[int], count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Draws that alternate between the categories of a device's interests."""
        parts = np.resize(np.array(interests) + 1, count)
        return self._spreads[parts], self._starts[parts]

    def drawn(self, interests: Sequence[int], count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The same, alternating with draws from all items."""
        parts = np.zeros(count, dtype=np.int64)
        parts[1::2] = np.resize(np.array(interests) + 1, len(parts[1::2]))
        return self._spreads[parts], self._starts[parts]


def _head(named: dict[str, str | None], number: int | None) -> str:
    """A candidate up to its score; new items have no popularity yet."""
    taken = key_of(number) % 10_000 if number is not None else 0
    features = {"popularity": taken, "age_s": 3600 * (taken % 2_400)}
    written = json.dumps({**named, "features": features}, separators=(",", ":"))
    return f'{written[:-1]},"score":'


def _context(device: Device) -> str:
    return f'{{"locale":"{device.locale}","network":"{device.network}","app_version":"{device.app_version}"}}'


def _age_s(place: int) -> int:
    """Seconds since an event of the history; gaps grow with age."""
    return 60 + int(_EVENT_AGE_S * place**1.5)


def _ladder(key: int) -> list[str]:
    """Descending scores of a backend, as the ends of encoded candidates."""
    steps = uniforms(key, MOST_CANDIDATES)
    return [f"{one:.4f}}}" for one in 1 - np.cumsum(steps) / (steps.sum() + 1)]
