"""Made-up ranking requests: random ones, and strategies of hypothesis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from service.feature_store.features import Features
from service.ranking.candidates import Query
from service.ranking.slate import SlateOptions
from service.ranking.weights import RANKERS
from service.text.terms import NO_TERMS, Compound, Terms
from tests.device.ranking import ACTIONS, Event, Item, Request

CATEGORIES = ("food", "tools", "gärten", "")
_HASHES = 70  # few, so that texts share words


def words(hashes: Sequence[int], idf: int = 170, *, repetition: int = 0, compounds: Sequence[Compound] = ()) -> Terms:
    """Words of those hashes, all as rare as each other, and then compounds."""
    wholes = [one.whole for one in compounds]
    rarities = bytes(0 if one.parts else 170 for one in compounds)
    return Terms(
        np.array([*hashes, *wholes], dtype="<u2").tobytes(),
        bytes([idf]) * len(hashes) + rarities,
        repetition,
        tuple(compounds),
    )


def features(*windows: Sequence[float], terms: Terms = NO_TERMS) -> Features:
    """Features of a text with windows of those directions."""
    rows = np.array(windows, dtype=np.float32)
    return Features.of(rows / np.linalg.norm(rows, axis=1, keepdims=True), "", terms)


def query(*vector: float, terms: Terms = NO_TERMS) -> Query:
    """A query of that direction."""
    row = np.array(vector, dtype=np.float32)
    return Query(row / np.linalg.norm(row), terms)


# ------------------------------------------------------------------------- random


class Draw:
    """Draws requests of a dimension; texts are near one of a few topics."""

    def __init__(self, seed: int, dimension: int, most_windows: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        self._dimension, self._most_windows = dimension, most_windows
        self._topics = self._rng.normal(size=(4, dimension))

    def request(self, candidates: int, events: int, *, has_query: bool = True, **options: Any) -> Request:
        """A request of so many candidates and events, of which many facts are unknown."""
        return Request(
            candidates=[self.item(place) for place in range(candidates)],
            events=[self.event(candidates) for _ in range(events)],
            query=self.query() if has_query else None,
            options=SlateOptions(**options),
        )

    def item(self, place: int) -> Item:
        """A candidate."""
        rng = self._rng
        known = self._is(0.9)
        return Item(
            id=f"item-{place}",
            features=self.features() if known else None,
            category=self._category(),
            score=self._maybe(rng.normal()),
            popularity=self._maybe(float(rng.integers(0, 1000))),
            age_s=self._maybe(rng.exponential(5e6)),
            unreadable=not known and self._is(0.5),
        )

    def event(self, candidates: int) -> Event:
        """An event, of a candidate or of another item."""
        rng = self._rng
        return Event(
            item_id=f"item-{rng.integers(0, 2 * candidates + 1)}" if self._is(0.7) else None,
            features=self.features() if self._is(0.7) else None,
            category=self._category(),
            action=ACTIONS[rng.integers(len(ACTIONS))],
            age_s=self._maybe(rng.exponential(1e6)),
        )

    def features(self) -> Features:
        """Features of a text."""
        windows = int(self._rng.integers(1, self._most_windows + 1)) if self._is(0.5) else 1
        vectors = self._topics[self._rng.integers(4)] + self._rng.normal(size=(windows, self._dimension))
        return features(*vectors.tolist(), terms=self.terms())

    def query(self) -> Query:
        """A query with a compound, of which the parts are words."""
        terms = self.terms(most=6)
        hashes = np.frombuffer(terms.hashes, dtype="<u2").tolist()
        compounds = (Compound(int(self._rng.integers(_HASHES)), tuple(hashes[:2])), Compound(3))
        wholes = np.array([one.whole for one in compounds], dtype="<u2").tobytes()
        terms = Terms(terms.hashes + wholes, terms.idf + bytes([0, 170]), 0, compounds)
        return query(*(self._topics[0] + self._rng.normal(size=self._dimension)).tolist(), terms=terms)

    def terms(self, most: int = 40) -> Terms:
        """Words, the lower the hash, the more frequent, and the less rare in the language."""
        count = int(self._rng.integers(0, most))
        hashes = np.unique((_HASHES * self._rng.random(count) ** 2).astype(int))
        self._rng.shuffle(hashes)
        rarities = np.minimum(255, 2 * hashes + self._rng.integers(0, 60, len(hashes)))
        repetition = int(self._rng.integers(256)) if self._is(0.1) else 0
        return Terms(hashes.astype("<u2").tobytes(), rarities.astype(np.uint8).tobytes(), repetition)

    def _is(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)

    def _maybe(self, value: float) -> float | None:
        return float(value) if self._is(0.8) else None

    def _category(self) -> str | None:
        return CATEGORIES[self._rng.integers(len(CATEGORIES))] if self._is(0.8) else None


# --------------------------------------------------------------------- hypothesis

_AGES = st.none() | st.sampled_from([0.0, 86_400.0, 7 * 86_400.0, 1e9, 1e308]) | st.floats(0, 1e7)
_SCORES = st.none() | st.sampled_from([0.0, -0.0, 1.0, 1e308, -1e308, 5e-324]) | st.floats(-10, 10)
_IDS = st.none() | st.sampled_from(["a", "b", "c", "d", "ä", ""])
_CATEGORY = st.none() | st.sampled_from(CATEGORIES)


def _terms() -> st.SearchStrategy[Terms]:
    word = st.tuples(st.integers(0, 9) | st.sampled_from([1024, 2048, 65_535]), st.sampled_from([0, 1, 170, 255]))
    return st.builds(
        lambda pairs, repetition: Terms(
            np.array([hashed for hashed, _ in pairs], dtype="<u2").tobytes(),
            bytes(idf for _, idf in pairs),
            repetition,
        ),
        st.lists(word, max_size=15),
        st.sampled_from([0, 1, 255]),
    )


def _directions(dimension: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(-3, 3), min_size=dimension, max_size=dimension).filter(any)


def _features(dimension: int) -> st.SearchStrategy[Features]:
    return st.builds(
        lambda windows, terms: features(*windows, terms=terms),
        st.lists(_directions(dimension), min_size=1, max_size=3),
        _terms(),
    )


def _queries(dimension: int) -> st.SearchStrategy[Query]:
    compounds = st.lists(
        st.builds(Compound, st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4).map(tuple)), max_size=3
    )

    def made(vector: list[int], terms: Terms, found: list[Compound]) -> Query:
        extra = words([], compounds=found)
        return query(*vector, terms=Terms(terms.hashes + extra.hashes, terms.idf + extra.idf, 0, tuple(found)))

    return st.builds(made, _directions(dimension), _terms(), compounds)


@st.composite
def requests(draw: st.DrawFn, dimension: int) -> Request:
    """Requests of which all is drawn."""
    known = st.none() | _features(dimension)
    ids = draw(st.lists(_IDS.filter(lambda one: one is not None), max_size=6, unique=True))
    candidates = [
        Item(one, draw(known), draw(_CATEGORY), draw(_SCORES), draw(_AGES), draw(_AGES), draw(st.booleans()))
        for one in ids
    ]
    events = draw(st.lists(st.builds(Event, _IDS, known, _CATEGORY, st.sampled_from(ACTIONS), _AGES), max_size=6))
    return Request(
        candidates,
        events,
        draw(st.none() | _queries(dimension)),
        draw(st.booleans()),
        draw(st.sampled_from(RANKERS)),
        SlateOptions(
            pinned=draw(st.permutations(range(len(ids))))[: draw(st.integers(0, 3))],
            top_n=draw(st.none() | st.integers(1, 8)),
            diversity=draw(st.sampled_from([0.0, 0.3, 1.0]) | st.floats(0, 1)),
            max_per_category=draw(st.none() | st.integers(1, 2)),
        ),
    )
