"""Similarity of a query and texts of any length."""

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Signal, Windows


def similarities(query: NDArray[np.float32], wholes: NDArray[np.float32], windows: Windows) -> Signal:
    """The mean of three cosines with the query: of the first window, the best window, and the whole text.

    They are equal for a short text. For long texts, the best window alone would favour those with many windows, and the
    whole those without irrelevant parts. (On training data of seven kinds, the mean ranks better than any of them.)

    Unit vectors `[dimension]` and `[texts, dimension]` -> `[texts]`, -1 to 1; NaN for a text without windows.
    """
    found = np.full(len(wholes), np.nan)
    if len(windows.owners):
        cosines = (windows.vectors @ query).astype(np.float64)
        firsts = np.flatnonzero(np.diff(windows.owners, prepend=-1))
        owners = windows.owners[firsts]
        found[owners] = cosines[firsts]
        if len(firsts) < len(cosines):
            whole = (wholes[owners] @ query).astype(np.float64)
            found[owners] = (cosines[firsts] + np.maximum.reduceat(cosines, firsts) + whole) / 3
    return found
