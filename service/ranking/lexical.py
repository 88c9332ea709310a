"""Signals of words: how much of what is asked for, or of what was liked, stands in a candidate's text.

Rare names and model numbers are what a tiny encoder misses. Words are compared by hashes of 16 bits, so that a request
needs a table and no loop; two different words share a hash once in 65,536 times.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.encoder.terms import NO_TERMS, Terms
from service.ranking.candidates import Candidates, Signal, Words

LEAD_WORDS = 4
"""So many words of a text are its lead: in a catalogue entry, its title."""

_HASHES = 1 << 16


def query_overlap(candidates: Candidates, query: Terms | None, *, lead: bool = False) -> Signal:
    """The share of the query's words, weighed by rarity, that stand in a candidate's text: 0 to 1.

    Args:
        candidates: their words.
        query: its words; None without a query.
        lead: look at the first `LEAD_WORDS` words of each text alone.

    Returns:
        `[candidates]`; NaN where the text is unknown, and everywhere if the query has no words.
    """
    asked = Words.of([query or NO_TERMS])
    total = asked.rarities.sum()
    if total == 0:
        return np.full(len(candidates), np.nan)
    table = np.zeros(_HASHES)
    table[asked.hashes] = asked.rarities
    found = table[candidates.words.hashes]
    if lead:
        found = found * (candidates.words.places < LEAD_WORDS)
    covered = np.bincount(candidates.words.owners, found, minlength=len(candidates)) / total
    return np.where(candidates.has_vector, covered.clip(0, 1), np.nan)


def history_overlap(candidates: Candidates, texts: Sequence[Terms], weights: NDArray[np.float64]) -> Signal:
    """The cosine of a candidate's words with those of liked items, all weighed by rarity (TF-IDF): 0 to 1.

    Args:
        candidates: their words.
        texts: the words of what was liked.
        weights: float64 `[texts]`, how much each counts; their sum is 1.

    Returns:
        `[candidates]`; NaN where the text is unknown, and everywhere if nothing was liked.
    """
    liked = Words.of(texts)
    if not len(liked.hashes):
        return np.full(len(candidates), np.nan)
    profile = np.zeros(_HASHES)
    np.add.at(profile, liked.hashes, liked.rarities * (weights / _lengths(liked, len(texts)))[liked.owners])
    words = candidates.words
    products = np.bincount(words.owners, words.rarities * profile[words.hashes], minlength=len(candidates))
    return np.where(candidates.has_vector, products / _lengths(words, len(candidates)), np.nan)


def _lengths(words: Words, texts: int) -> NDArray[np.float64]:
    """The length of each text's vector of rarities; 1 of a text without words."""
    squares = np.bincount(words.owners, words.rarities**2, minlength=texts)
    return np.sqrt(np.where(squares > 0, squares, 1.0))
