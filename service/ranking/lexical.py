"""Lexical signals: overlap of a candidate's words with those of the query, or of liked items.

They catch rare names and model numbers, which a tiny encoder misses. Words are compared by 16-bit hashes, so that a
request needs a table and no loop; two words collide with a probability of 1 / 65,536.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Candidates, Signal, Words
from service.text.terms import NO_TERMS, Terms

TITLE_WORDS = 4
"""Words at the beginning of a text that count as its title."""

USUAL_WORDS = 12
"""Words of a text above which its overlap is reduced."""

LENGTH_WEIGHT = 0.1
"""The overlap is divided by 1 + this times the log of the length over `USUAL_WORDS`."""

_HASHES = 1 << 16


def query_overlaps(candidates: Candidates, query: Terms | None) -> tuple[Signal, Signal]:
    """The share of the query's words in a candidate's text, and in its title: 0 to 1.

    A word's weight is its IDF in the language times its IDF among the candidates. Long texts contain more words by
    chance, so that theirs count a little less. The number of occurrences does not count.

    Returns:
        `[candidates]` twice; NaN where the text is unknown, and everywhere if the query has no words.
    """
    wanted = _query_words(query or NO_TERMS)
    if not wanted or not len(candidates):
        unknown = np.full(len(candidates), np.nan)
        return unknown, unknown
    words = candidates.words
    # A query has few words: comparing each with all is faster than a table of all hashes.
    places = [np.flatnonzero(_is_any(words.hashes, spellings)) for spellings, _ in wanted]
    in_text, in_title = np.zeros((2, len(wanted), len(candidates)))
    for row, found in enumerate(places):
        in_text[row, words.owners[found]] = 1.0
        in_title[row, words.owners[found[words.places[found] < TITLE_WORDS]]] = 1.0
    weights = np.array([idf for _, idf in wanted]) * _idf_among(in_text.sum(axis=1), len(candidates))
    shares = weights / weights.sum()
    length = 1 + LENGTH_WEIGHT * np.log(np.maximum(words.counts, USUAL_WORDS) / USUAL_WORDS)
    overlap, title_overlap = (
        np.where(candidates.has_vector, shares @ one / length, np.nan) for one in (in_text, in_title)
    )
    return overlap, title_overlap


def _query_words(query: Terms) -> list[tuple[list[int], float]]:
    """The query's words: the hashes of their spellings, and their IDF.

    A part of a compound, `T-shirt`, also matches the whole, `tshirt`.
    """
    words = Words.of([query])
    return [
        ([one, *[compound.whole for compound in query.compounds if one in compound.parts]], idf)
        for one, idf in zip(words.hashes.tolist(), words.idf.tolist(), strict=True)
        if idf > 0
    ]


def _is_any(hashes: NDArray[np.uint16], wanted: Sequence[int]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = hashes == wanted[0]
    for one in wanted[1:]:
        found |= hashes == one
    return found


def history_overlap(candidates: Candidates, texts: Sequence[Terms], weights: NDArray[np.float64]) -> Signal:
    """The TF-IDF cosine of a candidate's words with those of liked items: 0 to 1.

    A word's weight is its IDF in the language times its IDF among the candidates, so that words that nearly all have,
    such as the name of a genre, count little. (On training data, this raises HR@10 of the signal alone from 0.391 to
    0.405 on amazon_office, from 0.377 to 0.411 on ml_latest_small, and from 0.485 to 0.503 on online_retail.)

    Returns:
        `[candidates]`; NaN where the text is unknown, and everywhere if nothing was liked.
    """
    liked = Words.of(texts)
    if not len(liked.hashes):
        return np.full(len(candidates), np.nan)
    words = candidates.words
    frequencies = np.bincount(words.hashes, minlength=_HASHES)
    of_words, of_liked = (_weighed(one, frequencies, len(candidates)) for one in (words, liked))
    shares = of_liked * (weights / _lengths(liked, of_liked, len(texts)))[liked.owners]
    profile = np.zeros(_HASHES, dtype=np.float32)
    np.add.at(profile, liked.hashes, shares.astype(np.float32))
    products = _summed(words, of_words * profile[words.hashes], len(candidates))
    return np.where(candidates.has_vector, products / _lengths(words, of_words, len(candidates)), np.nan)


def _weighed(words: Words, frequencies: NDArray[np.int64], candidates: int) -> NDArray[np.float64]:
    """IDF in the language times IDF among the candidates, word by word."""
    weighed: NDArray[np.float64] = words.idf * _idf_among(frequencies[words.hashes], candidates)
    return weighed


def _idf_among(frequencies: NDArray[np.float64] | NDArray[np.int64], candidates: int) -> NDArray[np.float64]:
    """The IDF of words among the candidates, given their document frequencies."""
    idf: NDArray[np.float64] = np.log1p(candidates / np.maximum(frequencies, 1))
    return idf


def _lengths(words: Words, weighed: NDArray[np.float64], texts: int) -> NDArray[np.float64]:
    """The norm of each text's vector of words; 1 of a text without words."""
    squares = _summed(words, weighed * weighed, texts)
    squares[squares == 0] = 1.0
    return np.sqrt(squares)


def _summed(words: Words, values: NDArray[np.float64], texts: int) -> NDArray[np.float64]:
    """Sums of words' values, by text."""
    sums: NDArray[np.float64] = np.bincount(words.owners, values, minlength=texts).astype(np.float64, copy=False)
    return sums
