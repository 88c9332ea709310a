"""Behaviour sets to learn weights from: items with categories, and interactions with times.

The targets of the reported test split are removed while the file is read, before anything is counted or learned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import DataError
from model_build.common.tsv import read_table
from model_build.evaluation.tasks.base import BENCHMARK
from model_build.evaluation.tasks.behaviour import SPLIT

Liking = Callable[[float], bool]
"""Maps a rating to whether the item was liked."""


@dataclass(frozen=True)
class Catalogue:
    """Items, in the order of their file; `keys` are their ids there."""

    keys: Sequence[str]
    texts: Sequence[str]
    categories: Sequence[str | None]


@dataclass(frozen=True)
class Interactions:
    """Interactions of users with items as columns, sorted by user and time.

    Attributes:
        users: ids in the file, in order of appearance.
        owners: int64 `[rows]`, indices into `users`.
        items: int64 `[rows]`, indices into the catalogue.
        liked: bool `[rows]`; other items were taken and rated low, which is not a skip.
        times: float64 `[rows]`, unix seconds; NaN where unknown.
    """

    users: Sequence[str]
    owners: NDArray[np.int64]
    items: NDArray[np.int64]
    liked: NDArray[np.bool_]
    times: NDArray[np.float64]


def taken(rating: float) -> bool:
    """For sets without ratings: every purchase is a like."""
    del rating
    return True


def of_five(rating: float) -> bool:
    """4 and 5 stars are likes, as in the histories of the test split."""
    return rating >= 4


def of_ten(rating: float) -> bool:
    """0 (read, without a rating) and ratings from 5 to 10 are likes."""
    return not 0 < rating < 5


@dataclass(frozen=True)
class BehaviourSet:
    """A set in `benchmark/behaviour/<name>`.

    Attributes:
        name: of the folder.
        columns: of `items.tsv.xz`, from which an item's text is made.
        category: column with the category, the part before the first comma.
        rating: column of `interactions.tsv.xz` with the rating.
        timed: whether that file has times.
        sequences: name of the file of sequences, if there are no interactions.
        liking: maps ratings to likes.
    """

    name: str
    columns: tuple[str, ...] = ("title",)
    category: str | None = None
    rating: str | None = None
    timed: bool = True
    sequences: str | None = None
    liking: Liking = field(default=taken)

    def catalogue(self, data: Path) -> Catalogue:
        """Read the items.

        Raises:
            DataError: the file is missing or has another layout than expected.
        """
        extra = (self.category,) if self.category else ()
        rows = read_table(self._folder(data) / "items.tsv.xz", ("item_id", *self.columns, *extra))
        width = 1 + len(self.columns)
        return Catalogue(
            keys=[row[0] for row in rows],
            texts=[" ".join(part for part in row[1:width] if part) for row in rows],
            categories=[(row[width].split(",")[0].strip() or None) if extra else None for row in rows],
        )

    def interactions(self, data: Path, catalogue: Catalogue) -> Interactions:
        """Read the interactions without those of the test split; items missing from the catalogue are skipped.

        Raises:
            DataError: a file is missing or has another layout than expected.
        """
        folder = self._folder(data)
        tested = set(read_table(folder / f"{SPLIT}.tsv.xz", ("user", "target_item_id")))
        path = folder / (f"{self.sequences}.tsv.xz" if self.sequences else "interactions.tsv.xz")
        rows = self._sequence_rows(path) if self.sequences else self._interaction_rows(path)
        places = {key: place for place, key in enumerate(catalogue.keys)}
        try:
            kept = [
                (user, places[item], self.liking(float(rating)), float(time))
                for user, item, rating, time in rows
                if item in places and (user, item) not in tested
            ]
        except ValueError:
            raise DataError(f"{path} has a rating or a time that is not a number") from None
        if not kept:
            raise DataError(f"{path} has no rows to learn from")
        return _in_order(kept)

    def _folder(self, data: Path) -> Path:
        return data / BENCHMARK / "behaviour" / self.name

    def _interaction_rows(self, path: Path) -> list[tuple[str, ...]]:
        rating = (self.rating,) if self.rating else ()
        time = ("ts",) if self.timed else ()
        unrated, untimed = () if rating else ("nan",), () if time else ("nan",)
        return [
            (*row[:2], *unrated, *row[2:], *untimed) for row in read_table(path, ("user", "item_id", *rating, *time))
        ]

    def _sequence_rows(self, path: Path) -> list[tuple[str, ...]]:
        columns = ("user", "history_item_ids_old_to_new", "target_item_id")
        return [
            (user, item, "nan", "nan")
            for user, history, target in read_table(path, columns)
            for item in [*history.split(), target]
        ]


def _in_order(rows: Sequence[tuple[str, int, int, float]]) -> Interactions:
    """Sort by users in order of appearance, then by time; equal times keep their order."""
    users = {user: place for place, user in enumerate(dict.fromkeys(row[0] for row in rows))}
    owners = np.array([users[row[0]] for row in rows], dtype=np.int64)
    items, liked, times = (np.array(column) for column in zip(*(row[1:] for row in rows), strict=True))
    order = np.lexsort((np.nan_to_num(times), owners))  # stable
    return Interactions(
        users=list(users),
        owners=owners[order],
        items=items[order].astype(np.int64),
        liked=liked[order].astype(np.bool_),
        times=times[order].astype(np.float64),
    )


AMAZON_OFFICE = BehaviourSet("amazon_office", category="brand", timed=False, sequences="seq_valid")
ML_LATEST_SMALL = BehaviourSet("ml_latest_small", ("title", "genres"), "genres", "rating", liking=of_five)
ONLINE_RETAIL = BehaviourSet("online_retail")
ML100K = BehaviourSet("ml100k", ("title", "genres"), "genres", "rating", liking=of_five)
BOOKCROSSING = BehaviourSet(
    "bookcrossing", ("title", "author"), rating="rating0_10_0is_implicit", timed=False, liking=of_ten
)
LEARNED = (AMAZON_OFFICE, ML_LATEST_SMALL, ONLINE_RETAIL, ML100K, BOOKCROSSING)
REPORTED = (AMAZON_OFFICE, ML_LATEST_SMALL, ONLINE_RETAIL)
