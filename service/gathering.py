"""What is known of a request's texts: out of the feature store where it knows them, out of the encoder where not.

One lookup and one call of the encoder serve the whole request: its query, its history and its candidates.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.deadline import Deadline
from service.encoder.base import Encoding
from service.encoder.batcher import Batcher
from service.errors import DeadlineExceededError
from service.features.base import Features, FeatureStore, Lookup, digest_of
from service.features.queries import RecentQueries
from service.metrics import Metrics
from service.pace import Pace
from service.ranking.candidates import Query


@dataclass(frozen=True)
class Subjects:
    """The items that a request speaks of, a column each: of one item, the same place in all of them.

    Attributes:
        ids: None where an item has none.
        texts: None where an item has none.
        categories: None where an item has none.
        kept: so many of them, the first ones, are remembered if their texts have to be embedded and they have ids.
        unread: given what the feature store knows, the places of those whose texts need not be looked at.
    """

    ids: Sequence[str | None]
    texts: Sequence[str | None]
    categories: Sequence[str | None]
    kept: int
    unread: Callable[[Mapping[str, Features]], Iterable[int]] = lambda _: ()

    def read(self, known: Mapping[str, Features]) -> "Subjects":
        """The same without the texts that need not be looked at."""
        texts = list(self.texts)
        for place in self.unread(known):
            texts[place] = None
        return replace(self, texts=texts)


@dataclass(frozen=True)
class Gathered:
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


class Gatherer:
    """Finds features."""

    def __init__(self, encoder: Batcher, queries: RecentQueries, store: FeatureStore, metrics: Metrics) -> None:
        self._encoder = encoder
        self._queries = queries
        self._store = store
        self._metrics = metrics

    async def gather(self, query: str | None, subjects: Subjects, deadline: Deadline, *, late: bool) -> Gathered:
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
        lookup = await self._look_up(subjects)
        subjects = subjects.read(lookup.found)
        known = self._known(subjects, lookup)
        looked_up = time.perf_counter()

        found_query = None if query is None else self._queries.get(query)
        texts = {text: None for found, text in zip(known, subjects.texts, strict=True) if found is None and text}
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
        features, fresh = await _filled(
            subjects, known, lookup, encoding, {one: rows[one] for one in rows if one not in in_vain}
        )
        kept = await self._store.put_many(fresh) if fresh else True
        return Gathered(
            query=found_query,
            features=features,
            unreadable=[text in in_vain for text in subjects.texts],
            from_store=[one is not None for one in known],
            complete=lookup.complete and kept,
            in_time=in_time,
            tokens=int(encoding.tokens.sum()),
            encoded_texts=len(rows),
            truncated_texts=int(encoding.truncated.sum()),
            unreadable_texts=len(in_vain),
            features_s=looked_up - started + time.perf_counter() - encoded,
            encode_s=encoded - looked_up,
        )

    async def _look_up(self, subjects: Subjects) -> Lookup:
        ids = list(dict.fromkeys([one for one in subjects.ids if one is not None]))
        return await self._store.get_many(ids) if ids else Lookup({})

    def _known(self, subjects: Subjects, lookup: Lookup) -> list[Features | None]:
        """What the store knows of each subject, unless its text has changed since."""
        known = [None if one is None else lookup.found.get(one) for one in subjects.ids]
        for place, text in enumerate(subjects.texts):
            if text and (features := known[place]) is not None and digest_of(text) != features.text_digest:
                known[place] = None
                self._metrics.changed_texts.inc()
        return known

    async def _encode(self, texts: Sequence[str], deadline: Deadline, *, late: bool) -> tuple[Encoding, bool]:
        if not texts:
            return self._encoder.nothing, True
        try:
            return await self._encoder.encode(texts, deadline), True
        except DeadlineExceededError:
            if not late:
                raise
            return self._encoder.nothing, False


async def _filled(
    subjects: Subjects, known: Sequence[Features | None], lookup: Lookup, encoding: Encoding, rows: dict[str, int]
) -> tuple[list[Features | None], dict[str, Features]]:
    """What is known of each subject after its text was embedded, and what of it is to be remembered."""
    features = list(known)
    fresh: dict[str, Features] = {}
    if not rows:
        return features, fresh
    pace = Pace()
    for place, text in enumerate(subjects.texts):
        if features[place] is not None or not text or text not in rows:
            continue
        item_id, category = subjects.ids[place], subjects.categories[place]
        if category is None and item_id is not None and (before := lookup.found.get(item_id)) is not None:
            category = before.category
        row = rows[text]
        await pace.turn()
        features[place] = made = Features.of(encoding.windows[row], text, encoding.terms[row], category)
        if item_id is not None and place < subjects.kept:
            fresh[item_id] = made
    for place, item_id in enumerate(subjects.ids):
        # An event may name a candidate, whose text the request tells.
        if features[place] is None and not subjects.texts[place] and item_id in fresh:
            features[place] = fresh[item_id]
    return features, fresh
