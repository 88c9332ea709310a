"""Feature retrieval: the features of a request's query, candidates and history, from the feature store or the encoder.

A text takes precedence over the item with the same id; an item without a text is looked up. The whole request takes one
lookup and one call of the encoder.
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
from service.process.yielding import TimeSlice
from service.ranking.candidates import Query


@dataclass(frozen=True)
class Subjects:
    """The items of a request as columns; each has an id, a text or both. First the candidates, then the history.

    Attributes:
        ids: None where an item has none.
        texts: None where an item has none.
        categories: None where an item has none.
        candidates: number of candidates. Their texts are cached; an event without a text takes that of the candidate
            with the same id.
        unread: given the ids of known items, the positions of those whose texts need not be read.
    """

    ids: Sequence[str | None]
    texts: Sequence[str | None]
    categories: Sequence[str | None]
    candidates: int
    unread: Callable[[Collection[str]], Iterable[int]] = lambda _: ()

    def read(self, known: Collection[str]) -> "Subjects":
        """The same without the texts that need not be read."""
        unread = list(self.unread(known))
        if not unread:
            return self
        texts = list(self.texts)
        for place in unread:
            texts[place] = None
        return replace(self, texts=texts)


@dataclass(frozen=True)
class RetrievedFeatures:
    """The features of a request.

    Attributes:
        query: None without a query, if there was no time to embed it, and if it can't be read.
        features: of each subject; None where unknown.
        unreadable: whether each subject has a text of which the vocabulary knows no token.
        from_store: whether each subject's features came from the feature store.
        complete: whether every tier of the feature store answered.
        in_time: whether all texts were embedded before the deadline.
        encoded_texts: number of texts that the model read, some only in part (`truncated_texts`) or without a token
            that the vocabulary knows (`unreadable_texts`).
        features_s: seconds in the feature store.
        encode_s: seconds in the encoder, queueing included.
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
    """Retrieves features."""

    def __init__(self, encoder: Batcher, queries: QueryCache, store: FeatureStore) -> None:
        self._encoder = encoder
        self._queries = queries
        self._store = store

    async def retrieve(
        self, query: str | None, subjects: Subjects, deadline: Deadline, *, late: bool
    ) -> RetrievedFeatures:
        """Retrieve the features of a query and of subjects, whose texts are not blank.

        If `late`, what is known is returned when the deadline passes before all texts are embedded.

        Raises:
            DeadlineExceededError: the deadline passed.
            OverloadedError: too many texts are queued.
        """
        deadline.check()
        started = time.perf_counter()
        requested, subjects = subjects, _with_candidates_texts(subjects)
        digests = {text: digest_of(text) for text in subjects.texts if text}
        ids = dict.fromkeys(
            one for one, text in zip(subjects.ids, subjects.texts, strict=True) if one is not None and not text
        )
        lookup = await self._store.look_up(list(ids), list(digests.values()), deadline)
        subjects = _with_stored_texts(subjects, lookup).read(lookup.items.keys() | lookup.unread.keys())
        digests |= {one.text: digest_of(one.text) for one in lookup.unread.values()}
        features = _stored(subjects, digests, lookup)
        from_store = [one is not None for one in features]
        looked_up = time.perf_counter()

        found_query = None if query is None else self._queries.get(query)
        texts = {text: None for found, text in zip(features, subjects.texts, strict=True) if found is None and text}
        if query is not None and found_query is None:
            texts[query] = None
        encoding, in_time = await self._encode(list(texts), deadline, late=late)
        encoded = time.perf_counter()

        rows = dict(zip(texts, range(len(encoding.vectors)), strict=False))  # empty if there was no time
        readable = encoding.readable.tolist()
        if query is not None and query in rows and readable[rows[query]]:
            found_query = Query(encoding.vectors[rows[query]], encoding.terms[rows[query]])
            self._queries.put(query, found_query)
        unreadable = {text for text, row in rows.items() if not readable[row]}
        fresh = await _features(
            encoding, {text: row for text, row in rows.items() if text in digests and readable[row]}
        )
        features = [
            fresh.get(text) if found is None and text else found
            for found, text in zip(features, subjects.texts, strict=True)
        ]
        cached = {*subjects.texts[: subjects.candidates], *(one.text for one in lookup.unread.values())}
        self._store.keep_texts({digests[text]: one for text, one in fresh.items() if text in cached})
        return RetrievedFeatures(
            query=found_query,
            features=features if subjects is requested else _with_categories(features, subjects),
            unreadable=[text in unreadable for text in subjects.texts],
            from_store=from_store,
            complete=lookup.complete,
            in_time=in_time,
            tokens=int(encoding.tokens.sum()),
            encoded_texts=len(rows),
            truncated_texts=int(encoding.truncated.sum()),
            unreadable_texts=len(unreadable),
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


async def _features(encoding: Encoding, rows: Mapping[str, int]) -> dict[str, Features]:
    """The features of encoded texts, by text, given their rows in the encoding."""
    time_slice, features = TimeSlice(), {}
    for text, row in rows.items():
        await time_slice.checkpoint()
        features[text] = Features.of(encoding.windows[row], text, encoding.terms[row])
    return features


def _with_candidates_texts(subjects: Subjects) -> Subjects:
    """Give events without a text the text and the category of the candidate with their id."""
    candidates = islice(zip(subjects.ids, subjects.texts, subjects.categories, strict=True), subjects.candidates)
    known = {item_id: (text, category) for item_id, text, category in candidates if item_id and text}
    return _completed(subjects, known, range(subjects.candidates, len(subjects.ids)))


def _with_stored_texts(subjects: Subjects, lookup: Lookup) -> Subjects:
    """Give subjects without a text the stored text and category of items that the encoder has yet to read."""
    known = {item_id: (one.text, one.category) for item_id, one in lookup.unread.items()}
    return _completed(subjects, known, range(len(subjects.ids)))


def _completed(subjects: Subjects, known: Mapping[str, tuple[str, str | None]], places: Iterable[int]) -> Subjects:
    if not known:
        return subjects
    texts, categories = list(subjects.texts), list(subjects.categories)
    for place in places:
        item_id = subjects.ids[place]
        if not texts[place] and item_id is not None and (found := known.get(item_id)) is not None:
            texts[place], categories[place] = found[0], categories[place] or found[1]
    return replace(subjects, texts=texts, categories=categories)


def _stored(subjects: Subjects, digests: Mapping[str, bytes], lookup: Lookup) -> list[Features | None]:
    """The stored features of each subject: of its text, or of the item if it has none."""
    return [
        lookup.texts.get(digests[text]) if text else None if item_id is None else lookup.items.get(item_id)
        for item_id, text in zip(subjects.ids, subjects.texts, strict=True)
    ]


def _with_categories(features: Sequence[Features | None], subjects: Subjects) -> list[Features | None]:
    """Features of texts, which have no category, with that of their subject."""
    return [
        replace(one, category=category) if one is not None and text and category else one
        for one, text, category in zip(features, subjects.texts, subjects.categories, strict=True)
    ]
