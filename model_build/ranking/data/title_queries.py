"""Synthetic queries for steps: one or two words of the target's title.

No public set has both queries and histories. A word is drawn by its inverse document frequency (IDF), as in
`corpus.draw_queries`, among those that several items share. Items that have one of the words are put among the
candidates, as a search would, so that only the history can tell them apart.
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model_build.ranking.data.behaviour_set import Catalogue

MOST_WORDS = 2
LEAST_SHARED = 5
"""Minimal number of items with a word: a rarer one would identify the target."""

MATCHES = 40
_WORD = re.compile(r"\w+")
_LEAST_LETTERS = 3


class TitleQueries:
    """Draws queries for a catalogue's items."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._words = [_words(text) for text in catalogue.texts]
        items: dict[str, list[int]] = {}
        for place, words in enumerate(self._words):
            for word in words:
                items.setdefault(word, []).append(place)
        self._items: Mapping[str, Sequence[int]] = items

    def draw(self, item: int, draw: np.random.Generator) -> str | None:
        """Draw a query for an item, in lower case; None if it shares no word with enough others."""
        words = [word for word in self._words[item] if len(self._items[word]) >= LEAST_SHARED]
        if not words:
            return None
        idf = np.array([math.log(1 + len(self._words) / len(self._items[word])) for word in words])
        size = min(len(words), int(draw.integers(1, MOST_WORDS + 1)))
        chosen = draw.choice(len(words), size, replace=False, p=idf / idf.sum())
        return " ".join(words[place] for place in sorted(chosen.tolist()))

    def matches(self, query: str, without: NDArray[np.int64], draw: np.random.Generator) -> NDArray[np.int64]:
        """Draw at most `MATCHES` items that have a word of the query and are not in `without`: int64."""
        found = np.unique([place for word in _words(query) for place in self._items.get(word, ())])
        left = found[~np.isin(found, without)].astype(np.int64)
        return draw.permutation(left)[:MATCHES]


def _words(text: str) -> list[str]:
    """The distinct words, in their order."""
    words = (word.casefold() for word in _WORD.findall(text))
    return list(dict.fromkeys(word for word in words if len(word) >= _LEAST_LETTERS))
