"""The words of a text in three bytes each, for lexical signals.

A word is a token and the `##` tokens that follow. It is kept as a 16-bit hash and an IDF, so that texts are compared
without being stored, and three bytes per word are kept beside the vector. The hash depends on the letters alone, not on
the tokens: `T-shirt`, which is also kept as one word, and `tshirt` have the same.

A word's IDF comes from the order of the vocabulary, which costs the device no bytes. Hard token pruning sorts tokens by
their importance in the corpus, which falls with the rank about as in Zipf's law, so that the logarithm of a token's
rank approximates its inverse document frequency. Those of a word's tokens add up: it is rarer than any of them. (On
msrd's training queries, coverage of the query's words ranks as well with these IDFs as with those counted in the
collection: NDCG@10 0.777 and 0.773.)
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

MAX_TERMS = 255
IDF_SCALE = 170.0
"""The code of an IDF of 1, that of the last token of the vocabulary; the greatest, 1.5, is 255."""

_MOST_IDF = 1.5
_CONTINUES = "##"
_BASE = 0x85EBCA6B
_WORD_MASK = np.uint64(0xFFFFFFFF)
_LONGEST_WORD = 512
_SYMBOLS = frozenset("+#%°")
_TWICE = 2

# Share of words that occur for the third time or later, exceeded by at most one text in a hundred of ten kinds: a
# seventh in short texts, two fifths in those of a hundred words and more.
_USUAL_OF_SHORT, _USUAL_OF_LONG, _LONG = 0.15, 0.4, 100
_MOST_BEYOND = 0.3  # a share that exceeds the usual one by this counts as complete repetition

# A compound has a hyphen, an apostrophe, a full stop or an ampersand between Latin letters or digits, or is a number
# with thousands separators. Code points are written out: see `characters.py`.
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_JOINT = rf"[-\u2010\u2011'\u2019]|(?<=[{_LETTER}])[.&](?=[{_LETTER}])|(?<=[0-9]),(?=[0-9]{{3}}(?![0-9]))"
_COMPOUND = re.compile(rf"(?<![{_LETTER}0-9])[{_LETTER}0-9]+(?:(?:{_JOINT})[{_LETTER}0-9]+)+")
_JOINTS = re.compile(r"[-\u2010\u2011'\u2019.&,]")

# An amount is a number with a currency sign before or after it.
_CURRENCY = "$\u00a2-\u00a5\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20c0\ua838\ufdfc"
_NUMBER = "[0-9]{1,9}(?:[.,][0-9]{1,3}){0,4}"  # bounded, so that a text of digits is read in linear time
_AMOUNT = re.compile(f"([{_CURRENCY}])[ \u00a0]?({_NUMBER})|({_NUMBER})[ \u00a0]?([{_CURRENCY}])")
_THOUSANDS = re.compile("[.,](?=[0-9]{3})")
_NO_CENTS = re.compile("[.,]00?$")
_AMOUNT_IDF = 170

_may_have_amounts = re.compile(f"[{_CURRENCY}]").search
_may_have_compounds = re.compile(rf"[-\u2010\u2011'\u2019.&,][{_LETTER}0-9]").search

_MOST_COMPOUNDS = 8
_LONGEST_COMPOUND = 64


@dataclass(frozen=True, slots=True)
class Compound:
    """A word of several parts, `T-shirt`, or an amount, `£20`.

    Attributes:
        whole: hash of the whole as one word.
        parts: hashes of its parts; none of an amount, since £20 should not match any 20.
    """

    whole: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """The distinct words of a text in order of first occurrence, then its compounds; punctuation is left out.

    Attributes:
        hashes: of each word, uint16, little-endian.
        idf: of each word, uint8, in units of 1 / `IDF_SCALE`; 0 of a compound whose parts have theirs.
        repetition: how far the text repeats the same words, in 255ths; 0 for nearly all human text.
        compounds: of a query; not stored with items.
    """

    hashes: bytes = b""
    idf: bytes = b""
    repetition: int = 0
    compounds: tuple[Compound, ...] = ()


NO_TERMS = Terms()


class Lexicon:
    """Turns the tokens of texts into terms. Thread-safe."""

    def __init__(
        self, pieces: Sequence[str], special_tokens: Sequence[str], normalized: Callable[[str], str] = str.lower
    ) -> None:
        """Read the vocabulary, the most important token first; `normalized` normalises a text like the tokenizer."""
        bare = [piece.removeprefix(_CONTINUES) or piece for piece in pieces]
        self._normalized = normalized
        self._continues = np.array([piece.startswith(_CONTINUES) and piece != _CONTINUES for piece in pieces])
        self._is_word = np.array(
            [piece not in special_tokens and has_meaning(one) for piece, one in zip(pieces, bare, strict=True)]
        )
        ranks = np.arange(len(pieces), dtype=np.float64)
        self._idf = np.log1p(ranks) / np.log(max(2, len(pieces)))
        # A literal `##` at the beginning of a word in a text is part of its spelling.
        self._spellings = np.array([_spelt(one) for one in bare], dtype=np.uint64)
        self._beginnings = self._spellings.copy()
        for place in np.flatnonzero(self._continues).tolist():
            self._beginnings[place] = _spelt(pieces[place])
        self._letters = np.array([len(one) for one in bare], dtype=np.int64)
        self._powers = np.array([pow(_BASE, exponent, 1 << 32) for exponent in range(_LONGEST_WORD)], dtype=np.uint64)

    def terms(self, rows: Sequence[Sequence[int]], texts: Sequence[str] | None = None) -> list[Terms]:
        """The terms of texts, given their token ids without special ones; without the texts, no compounds are found."""
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        ids = np.array([one for row in rows for one in row], dtype=np.int64)
        compounds = [()] * len(rows) if texts is None else [self._compounds(text) for text in texts]
        if not len(ids):
            return [NO_TERMS] * len(rows)
        owners = np.repeat(np.arange(len(rows)), lengths)
        begins = ~self._continues[ids]
        begins[0] = True
        begins[1:] |= owners[1:] != owners[:-1]
        starts = np.flatnonzero(begins)
        hashes, idf = self._words(ids, starts)
        is_word = self._is_word[ids[starts]]
        return _split(owners[starts][is_word], hashes[is_word], idf[is_word], compounds)

    def _words(self, ids: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
        """Hash and IDF of each word, given the index of its first token."""
        letters = self._letters[ids]
        ends = np.append(starts[1:], len(ids))
        before = np.cumsum(letters)
        left = np.minimum(np.repeat(before[ends - 1], ends - starts) - before, _LONGEST_WORD - 1)
        spellings = self._spellings[ids]
        spellings[starts] = self._beginnings[ids[starts]]
        spelt = np.add.reduceat(spellings * self._powers[left], starts) & _WORD_MASK
        idf = np.minimum(np.add.reduceat(self._idf[ids], starts), _MOST_IDF)
        return _mixed(spelt) >> np.uint64(16), np.rint(idf * IDF_SCALE).astype(np.uint8)

    def _compounds(self, text: str) -> tuple[Compound, ...]:
        """The first `_MOST_COMPOUNDS` amounts and compounds of a text."""
        # Most texts have neither, which cheap searches detect.
        priced, joined = _may_have_amounts(text), _may_have_compounds(text)
        if not (priced or joined):
            return ()
        amounts = [Compound(word_hash(_amount(one))) for one in _AMOUNT.finditer(text)] if priced else []
        spelt = [one[0] for one in islice(_COMPOUND.finditer(text), _MOST_COMPOUNDS)] if joined else []
        found = [*amounts, *(self._compound(one) for one in spelt if len(one) <= _LONGEST_COMPOUND)]
        return tuple(dict.fromkeys(found))[:_MOST_COMPOUNDS]

    def _compound(self, text: str) -> Compound:
        parts = _JOINTS.split(self._normalized(text).strip())
        return Compound(word_hash("".join(parts)), tuple(word_hash(part) for part in parts))


def _amount(found: re.Match[str]) -> str:
    """The sign and the number, without thousands separators and zero cents."""
    sign, number = found[1] or found[4], found[2] or found[3]
    return sign + _THOUSANDS.sub("", _NO_CENTS.sub("", number))


def word_hash(word: str) -> int:
    """The hash of a normalised word: 16 bits."""
    return _mix(_spelt(word)) >> 16


def _split(
    owners: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    idf: NDArray[np.uint8],
    compounds: Sequence[tuple[Compound, ...]],
) -> list[Terms]:
    """The terms of each text, given all words and their texts."""
    keys = (owners.astype(np.uint64) << np.uint64(16)) | hashes
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    order = np.argsort(first)
    first, counts = first[order], counts[order]
    owners, hashes16, kept = owners[first], hashes[first].astype("<u2"), idf[first]
    ends = np.searchsorted(owners, np.arange(len(compounds) + 1)).tolist()
    said = np.concatenate([[0.0], np.cumsum(kept * counts)])
    said_times = np.concatenate([[0], np.cumsum(counts)])
    again = np.concatenate([[0.0], np.cumsum(kept * np.maximum(counts - _TWICE, 0))])
    terms = []
    for (start, end), joined in zip(pairwise(ends), compounds, strict=True):
        part = slice(start, min(end, start + MAX_TERMS - len(joined)))
        share = float(again[end] - again[start]) / max(float(said[end] - said[start]), 1.0)
        wholes = np.array([one.whole for one in joined], dtype="<u2").tobytes()
        terms.append(
            Terms(
                hashes16[part].tobytes() + wholes,
                kept[part].tobytes() + bytes(0 if one.parts else _AMOUNT_IDF for one in joined),
                round(255 * _beyond_usual(share, int(said_times[end] - said_times[start]))),
                joined,
            )
        )
    return terms


def _beyond_usual(share: float, words: int) -> float:
    """How far a text's share of repeated words exceeds that of texts of its length: 0 to 1."""
    usual = _USUAL_OF_SHORT + (_USUAL_OF_LONG - _USUAL_OF_SHORT) * min(1.0, words / _LONG)
    return min(1.0, max(0.0, share - usual) / _MOST_BEYOND)


def _spelt(text: str) -> int:
    """A polynomial hash of the letters, 32 bits; that of a concatenation follows from those of its parts."""
    value = 0
    for letter in text:
        value = (value * _BASE + _mixed_letter(letter)) & 0xFFFFFFFF
    return value


@lru_cache(maxsize=4096)  # a vocabulary has tens of thousands of tokens, but few letters
def _mixed_letter(letter: str) -> int:
    return _mix(ord(letter))


def _mix(value: int) -> int:
    """MurmurHash3's finalizer of 32 bits."""
    value ^= value >> 16
    value = (value * 0x85EBCA6B) & 0xFFFFFFFF
    value ^= value >> 13
    value = (value * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ (value >> 16)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`_mix` of each value."""
    values = values ^ (values >> np.uint64(16))
    values = (values * np.uint64(0x85EBCA6B)) & _WORD_MASK
    values ^= values >> np.uint64(13)
    values = (values * np.uint64(0xC2B2AE35)) & _WORD_MASK
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(16))
    return mixed


def has_meaning(text: str) -> bool:
    """Whether a token has letters, digits, or a distinguishing symbol: C++, C#, £20, 5 %."""
    return any(
        unicodedata.category(one)[0] in "LN" or unicodedata.category(one) == "Sc" or one in _SYMBOLS for one in text
    )
