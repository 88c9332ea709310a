"""The vectors that a request is about: out of the feature store where it knows them, out of the encoder where not.

One lookup and one call of the encoder serve the whole request: its query, its history and its candidates.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.deadline import Deadline
from service.encoder.base import Encoding
from service.encoder.threaded import ThreadedEncoder
from service.features.base import Features, FeatureStore, Lookup, digest_of
from service.metrics import Metrics


@dataclass(frozen=True)
class Subject:
    """An item that a request speaks of.

    Attributes:
        keep: whether to remember it if its text has to be embedded and it has an id.
    """

    item_id: str | None
    text: str | None
    category: str | None = None
    keep: bool = False


@dataclass(frozen=True)
class Gathered:
    """What a request is about, as vectors.

    Attributes:
        query: float32 `[dimension]`; None without a query.
        features: of each subject; None where nobody knows them.
        from_store: bool, for each subject: whether the feature store knew it.
        complete: whether the feature store was fully reached.
        tokens: how many tokens the model read.
        encoded_texts: how many texts it read.
        truncated_texts: of how many of them it read only the beginning.
        features_s: seconds in the feature store.
        encode_s: seconds in the encoder, waiting for it included.
    """

    query: NDArray[np.float32] | None
    features: list[Features | None]
    from_store: list[bool]
    complete: bool
    tokens: int
    encoded_texts: int
    truncated_texts: int
    features_s: float
    encode_s: float


class Gatherer:
    """Finds vectors."""

    def __init__(self, encoder: ThreadedEncoder, store: FeatureStore, metrics: Metrics) -> None:
        self._encoder = encoder
        self._store = store
        self._metrics = metrics

    async def gather(self, query: str | None, subjects: Sequence[Subject], deadline: Deadline) -> Gathered:
        """Find the vectors of a query and of subjects.

        Raises:
            DeadlineExceededError: the deadline passed before the store or the encoder was asked.
        """
        deadline.check()
        started = time.perf_counter()
        lookup = await self._look_up(subjects)
        looked_up = time.perf_counter()
        known = [self._known(subject, lookup) for subject in subjects]

        unknown_texts = [
            one.text for one, features in zip(subjects, known, strict=True) if features is None and one.text
        ]
        texts = list(dict.fromkeys([query, *unknown_texts] if query else unknown_texts))
        encoding = await self._encoder.encode(texts, deadline)
        encoded = time.perf_counter()

        rows = {text: row for row, text in enumerate(texts)}
        features = [
            found or _embedded(subject, lookup, encoding, rows) for subject, found in zip(subjects, known, strict=True)
        ]
        kept = await self._keep(subjects, known, features)
        return Gathered(
            query=encoding.vectors[rows[query]] if query else None,
            features=features,
            from_store=[one is not None for one in known],
            complete=lookup.complete and kept,
            tokens=int(encoding.tokens.sum()),
            encoded_texts=len(texts),
            truncated_texts=int(encoding.truncated.sum()),
            features_s=looked_up - started + time.perf_counter() - encoded,
            encode_s=encoded - looked_up,
        )

    async def _look_up(self, subjects: Sequence[Subject]) -> Lookup:
        ids = list(dict.fromkeys(one.item_id for one in subjects if one.item_id is not None))
        return await self._store.get_many(ids) if ids else Lookup({})

    def _known(self, subject: Subject, lookup: Lookup) -> Features | None:
        """What the store knows of a subject, unless its text has changed since."""
        features = None if subject.item_id is None else lookup.found.get(subject.item_id)
        if features is None or subject.text is None or digest_of(subject.text) == features.text_digest:
            return features
        self._metrics.changed_texts.inc()
        return None

    async def _keep(
        self, subjects: Sequence[Subject], known: Sequence[Features | None], features: Sequence[Features | None]
    ) -> bool:
        fresh = {
            subject.item_id: found
            for subject, before, found in zip(subjects, known, features, strict=True)
            if subject.keep and subject.item_id is not None and before is None and found is not None
        }
        return await self._store.put_many(fresh) if fresh else True


def _embedded(subject: Subject, lookup: Lookup, encoding: Encoding, rows: dict[str, int]) -> Features | None:
    if not subject.text:
        return None
    before = None if subject.item_id is None else lookup.found.get(subject.item_id)
    category = subject.category or (before.category if before else None)
    return Features.of(encoding.vectors[rows[subject.text]], subject.text, category)
