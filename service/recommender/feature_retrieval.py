"""What is known of what a request speaks of: out of the feature store where it knows it, out of the encoder where not.

A text speaks for itself, whatever the item of that id is; without a text, the item does. One lookup and one call of the
encoder serve the whole request: its query, its history and its candidates.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from service.admission.deadline import Deadline
from service.encoder.base import Encoding
from service.encoder.batcher import Batcher
from service.errors import DeadlineExceededError
from service.feature_store.features import Features, digest_of
from service.feature_store.query_cache import QueryCache
from service.feature_store.store import FeatureStore, Lookup
from service.process.yielding import Pace
from service.ranking.candidates import Query


@dataclass(frozen=True)
class Subjects:
    """The items that a request speaks of, a column each: of one item, the same place in all of them.

    Attributes:
        ids: None where an item has none.
        texts: None where an item has none.
        categories: None where an item has none.
        kept: so many of them, the first ones, are candidates: their texts are remembered. An event that has no text
            may be of one of them, and then is of what the request says of it.
        unread: given the ids of the items that are known, the places of those whose texts need not be looked at.
    """

    ids: Sequence[str | None]
    texts: Sequence[str | None]
    categories: Sequence[str | None]
    kept: int
    unread: Callable[[Collection[str]], Iterable[int]] = lambda _: ()

    def read(self, known: Collection[str]) -> "Subjects":
        """The same without the texts that need not be looked at."""
        unread = list(self.unread(known))
        if not unread:
            return self
        texts = list(self.texts)
        for place in unread:
            texts[place] = None
        return replace(self, texts=texts)


@dataclass(frozen=True)
class RetrievedFeatures:
    """What a request is about.

    Attributes:
        query: None without a query, where there was no time to embed it, and where it can't be read.
        features: of each subject; None where nobody knows them.
        unreadable: of each subject, whether its text was read in vain: the vocabulary knows no piece of it.
        from_store: bool, for each subject: whether the feature store knew it.
        complete: whether the feature store was fully reached.
        in_time: whether all texts were embedded before the deadline.
        tokens: how many tokens the model read.
        encoded_texts: how many texts it read.
        truncated_texts: of how many of them it read only the beginning.
        unreadable_texts: how many of them it read in vain.
        features_s: seconds in the feature store.
        encode_s: seconds in the encoder, waiting for it included.
    """

    query: Query | None
    features: list[Features | None]
    unreadable: list[bool]
    from_store: list[bool]
    complete: bool
    in_time: bool
    tokens: int
    encoded_texts: int
    truncated_texts: int
    unreadable_texts: int
    features_s: float
    encode_s: float


class FeatureRetriever:
    """Finds features."""

    def __init__(self, encoder: Batcher, queries: QueryCache, store: FeatureStore) -> None:
        self._encoder = encoder
        self._queries = queries
        self._store = store

    async def gather(self, query: str | None, subjects: Subjects, deadline: Deadline, *, late: bool) -> RetrievedFeatures:
        """Find what is known of a query and of subjects.

        Args:
            query: a text that is not blank.
            subjects: their texts neither.
            deadline: when the answer is due.
            late: whether to give what is there when the deadline passes before all texts are embedded.

        Raises:
            DeadlineExceededError: the deadline passed.
            OverloadedError: too many texts wait to be embedded.
        """
        deadline.check()
        started = time.perf_counter()
        asked, subjects = subjects, _told_of_candidates(subjects)
        digests = {text: digest_of(text) for text in subjects.texts if text}
        ids = dict.fromkeys(
            one for one, text in zip(subjects.ids, subjects.texts, strict=True) if one is not None and not text
        )
        lookup = await self._store.look_up(list(ids), list(digests.values()), deadline)
        subjects = _told_of_unread(subjects, lookup).read(lookup.items.keys() | lookup.unread.keys())
        digests |= {one.text: digest_of(one.text) for one in lookup.unread.values()}
        features = _known(subjects, digests, lookup)
        from_store = [one is not None for one in features]
        looked_up = time.perf_counter()

        found_query = None if query is None else self._queries.get(query)
        texts = {text: None for found, text in zip(features, subjects.texts, strict=True) if found is None and text}
        if query is not None and found_query is None:
            texts[query] = None
        encoding, in_time = await self._encode(list(texts), deadline, late=late)
        encoded = time.perf_counter()

        rows = dict(zip(texts, range(len(encoding.vectors)), strict=False))  # of none, if there was no time
        readable = encoding.readable.tolist()
        if query is not None and query in rows and readable[rows[query]]:
            found_query = Query(encoding.vectors[rows[query]], encoding.terms[rows[query]])
            self._queries.put(query, found_query)
        in_vain = {text for text, row in rows.items() if not readable[row]}
        fresh = await _made(encoding, {text: row for text, row in rows.items() if text in digests and readable[row]})
        features = [
            fresh.get(text) if found is None and text else found
            for found, text in zip(features, subjects.texts, strict=True)
        ]
        kept = {*subjects.texts[: subjects.kept], *(one.text for one in lookup.unread.values())}
        self._store.keep_texts({digests[text]: one for text, one in fresh.items() if text in kept})
        return RetrievedFeatures(
            query=found_query,
            features=features if subjects is asked else _of_their_categories(features, subjects),
            unreadable=[text in in_vain for text in subjects.texts],
            from_store=from_store,
            complete=lookup.complete,
            in_time=in_time,
            tokens=int(encoding.tokens.sum()),
            encoded_texts=len(rows),
            truncated_texts=int(encoding.truncated.sum()),
            unreadable_texts=len(in_vain),
            features_s=looked_up - started + time.perf_counter() - encoded,
            encode_s=encoded - looked_up,
        )

    async def _encode(self, texts: Sequence[str], deadline: Deadline, *, late: bool) -> tuple[Encoding, bool]:
        if not texts:
            return self._encoder.nothing, True
        try:
            return await self._encoder.encode(texts, deadline), True
        except DeadlineExceededError:
            if not late:
                raise
            return self._encoder.nothing, False


async def _made(encoding: Encoding, rows: Mapping[str, int]) -> dict[str, Features]:
    """What is known of texts from now on, by text, given their rows in what the encoder gave."""
    pace, made = Pace(), {}
    for text, row in rows.items():
        await pace.turn()
        made[text] = Features.of(encoding.windows[row], text, encoding.terms[row])
    return made


def _told_of_candidates(subjects: Subjects) -> Subjects:
    """Subjects, of which events without a text have that of the candidate that they name, and its category."""
    candidates = islice(zip(subjects.ids, subjects.texts, subjects.categories, strict=True), subjects.kept)
    told = {item_id: (text, category) for item_id, text, category in candidates if item_id and text}
    return _completed(subjects, told, range(subjects.kept, len(subjects.ids)))


def _told_of_unread(subjects: Subjects, lookup: Lookup) -> Subjects:
    """Subjects with the text and the category of their items, where the encoder has yet to read it."""
    told = {item_id: (one.text, one.category) for item_id, one in lookup.unread.items()}
    return _completed(subjects, told, range(len(subjects.ids)))


def _completed(subjects: Subjects, told: Mapping[str, tuple[str, str | None]], places: Iterable[int]) -> Subjects:
    if not told:
        return subjects
    texts, categories = list(subjects.texts), list(subjects.categories)
    for place in places:
        item_id = subjects.ids[place]
        if not texts[place] and item_id is not None and (found := told.get(item_id)) is not None:
            texts[place], categories[place] = found[0], categories[place] or found[1]
    return replace(subjects, texts=texts, categories=categories)


def _known(subjects: Subjects, digests: Mapping[str, bytes], lookup: Lookup) -> list[Features | None]:
    """What the store knows of each subject: of its text, or of the item if it has none."""
    return [
        lookup.texts.get(digests[text]) if text else None if item_id is None else lookup.items.get(item_id)
        for item_id, text in zip(subjects.ids, subjects.texts, strict=True)
    ]


def _of_their_categories(features: Sequence[Features | None], subjects: Subjects) -> list[Features | None]:
    """Features of texts, which have no category, with the one that was found for their subject."""
    return [
        replace(one, category=category) if one is not None and text and category else one
        for one, text, category in zip(features, subjects.texts, subjects.categories, strict=True)
    ]
