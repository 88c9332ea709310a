"""A quota of results per category."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def category_codes(categories: Sequence[str | None]) -> NDArray[np.int64]:
    """Number categories: int64 `[candidates]`, equal for equal categories, -1 for none."""
    numbers = {category: number for number, category in enumerate(dict.fromkeys(categories)) if category is not None}
    return np.array([-1 if category is None else numbers[category] for category in categories], dtype=np.int64)


class CategoryQuota:
    """Counts the results taken of each category; candidates without a category are not limited."""

    def __init__(self, categories: Sequence[str | None], most: int | None) -> None:
        self._column = category_codes(categories)
        self._codes, self._most = self._column.tolist(), most
        self._taken = [0] * (1 + max(self._codes, default=-1))

    def take(self, candidate: int) -> None:
        """Count a candidate."""
        code = self._codes[candidate]
        if code >= 0:
            self._taken[code] += 1

    def take_if_admitted(self, candidate: int) -> bool:
        """Count a candidate if its category has room; returns whether it has."""
        admitted = self.admits(candidate)
        if admitted:
            self.take(candidate)
        return admitted

    def admits(self, candidate: int) -> bool:
        """Whether a candidate's category has room."""
        code = self._codes[candidate]
        return self._most is None or code < 0 or self._taken[code] < self._most

    def same_category(self, candidate: int) -> NDArray[np.bool_]:
        """The candidates in the category of this one, which has one: bool `[candidates]`."""
        same: NDArray[np.bool_] = self._column == self._codes[candidate]
        return same
