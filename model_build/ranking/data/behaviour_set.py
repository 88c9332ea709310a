"""A behaviour set as weights need it: its items with their categories, and who took what when.

The rows of the reported test, a user and the target that the user took, are taken out as the file is read, before
anything is counted or learned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.errors import DataError
from model_build.evaluation.files import BENCHMARK, read_table
from model_build.evaluation.tasks.behaviour import SPLIT

Liking = Callable[[float], bool]
"""Whether a rating says that an item was liked."""


@dataclass(frozen=True)
class Catalogue:
    """Items, in the order of their file.

    Attributes:
        keys: the file's ids.
        texts: of each item.
        categories: of each item; None where it has none.
    """

    keys: Sequence[str]
    texts: Sequence[str]
    categories: Sequence[str | None]


@dataclass(frozen=True)
class Interactions:
    """Who took what, a column a fact; each user's in the order of time.

    Attributes:
        users: the file's ids, in their order.
        owners: int64 `[rows]`, places in `users`.
        items: int64 `[rows]`, rows of the catalogue.
        liked: bool `[rows]`; what was not is no skip either: it was taken, and then rated low.
        times: float64 `[rows]`, unix seconds; NaN where unknown.
    """

    users: Sequence[str]
    owners: NDArray[np.int64]
    items: NDArray[np.int64]
    liked: NDArray[np.bool_]
    times: NDArray[np.float64]


def taken(rating: float) -> bool:
    """Sets without ratings: what was bought was liked."""
    del rating
    return True


def of_five(rating: float) -> bool:
    """4 and 5 stars, which the test's histories are made of, are liked."""
    return rating >= 4


def of_ten(rating: float) -> bool:
    """0 says that the book was read; of the others, up to 10, those from 5 on are liked."""
    return not 0 < rating < 5


@dataclass(frozen=True)
class BehaviourSet:
    """A set in `benchmark/behaviour/<name>`.

    Attributes:
        name: the folder.
        columns: of `items.tsv.xz` that make an item's text.
        category: the column whose first entry, up to a comma, is an item's category.
        rating: the column of `interactions.tsv.xz` with a rating.
        timed: whether that file has the times.
        sequences: the file of sequences for fitting, where there are no interactions.
        liking: what a rating says.
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
            DataError: the file is missing or isn't laid out as expected.
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
        """Read who took what, the test's rows taken out; items that the catalogue lacks are passed over.

        Raises:
            DataError: a file is missing or isn't laid out as expected.
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
    """Users in the order in which they first come, and each user's rows by time; at one time, as they come."""
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
