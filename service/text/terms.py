"""The words of a text, as few bytes a word: what lexical signals compare.

A word is what the vocabulary's pieces make of it: a piece and the `##` pieces that follow. It is kept as a hash of its
letters and as its idf, so that two texts are compared without either's text, and three bytes a word lie in the
feature store beside the vector. The hash is that of the letters, however the word was cut: so `T-shirt`, which is also
kept as one word, and `tshirt` are the same.

A word's idf is read off the vocabulary's order, which costs the device no byte. Hard token pruning leaves the pieces
in the order of their importance in the corpus, which falls with the rank about as Zipf's law has it; so the logarithm
of a piece's rank stands for its inverse document frequency. The pieces of a word that is not a piece itself add up: it
is rarer than any of them. (On msrd's training queries, covering the query's words by such idf ranks as well as by
inverse document frequencies counted in the collection: NDCG@10 0.777 and 0.773.)
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
"""A idf of 1, that of the last piece of the vocabulary, is kept as this; 1.5, the most there is, as 255."""

_MOST_IDF = 1.5
_CONTINUES = "##"
_BASE = 0x85EBCA6B
_WORD_MASK = np.uint64(0xFFFFFFFF)
_LONGEST_WORD = 512
_SPEAKING = frozenset("+#%°")
_TWICE = 2

# Of texts of ten kinds, one in a hundred or fewer says more of itself for the third time or later: of short texts a
# seventh, of those of a hundred words and more two fifths.
_USUAL_OF_SHORT, _USUAL_OF_LONG, _LONG = 0.15, 0.4, 100
_ALL_OVER = 0.3  # so much beyond what is usual counts as much as a text can

# A compound is spelt with a hyphen, an apostrophe, a full stop or an ampersand between Latin letters or digits, or is a
# number with its thousands apart. Code points are written out: see `characters.py`.
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_JOINT = rf"[-\u2010\u2011'\u2019]|(?<=[{_LETTER}])[.&](?=[{_LETTER}])|(?<=[0-9]),(?=[0-9]{{3}}(?![0-9]))"
_COMPOUND = re.compile(rf"(?<![{_LETTER}0-9])[{_LETTER}0-9]+(?:(?:{_JOINT})[{_LETTER}0-9]+)+")
_JOINTS = re.compile(r"[-\u2010\u2011'\u2019.&,]")

# An amount is a number with the sign of a currency before or behind it.
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
    """A word that was spelt in parts, `T-shirt`, or an amount, `£20`, which is a word beside its number.

    Attributes:
        whole: its hash as one word.
        parts: the hashes of the words that are said with it; of an amount none, as £20 is not any 20.
    """

    whole: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """The distinct words of a text, in the order in which they first come, then its compounds; punctuation is none.

    Attributes:
        hashes: of each word, uint16, little-endian.
        idf: of each word, uint8, in units of 1 / `IDF_SCALE`; 0 of a compound whose parts have theirs.
        repetition: how far the text says the same words over and over, in 255ths; 0 of nearly all that people write.
        compounds: what a query needs to know of its own; not kept of items.
    """

    hashes: bytes = b""
    idf: bytes = b""
    repetition: int = 0
    compounds: tuple[Compound, ...] = ()


NO_TERMS = Terms()


class Lexicon:
    """Turns the pieces of texts into terms. Thread-safe."""

    def __init__(
        self, pieces: Sequence[str], marks: Sequence[str], normalized: Callable[[str], str] = str.lower
    ) -> None:
        """Read the vocabulary.

        Args:
            pieces: in the order of their importance, the most important first; a piece's place is its id.
            marks: pieces that stand for no part of a text.
            normalized: a text as its pieces spell it: lower case, without accents.
        """
        bare = [piece.removeprefix(_CONTINUES) or piece for piece in pieces]
        self._normalized = normalized
        self._continues = np.array([piece.startswith(_CONTINUES) and piece != _CONTINUES for piece in pieces])
        self._speaks = np.array(
            [piece not in marks and _says_something(one) for piece, one in zip(pieces, bare, strict=True)]
        )
        ranks = np.arange(len(pieces), dtype=np.float64)
        self._idf = np.log1p(ranks) / np.log(max(2, len(pieces)))
        # A word begins with no `##`; a text that does, spelt so by its author, is another word than the same without.
        self._spellings = np.array([_spelt(one) for one in bare], dtype=np.uint64)
        self._beginnings = self._spellings.copy()
        for place in np.flatnonzero(self._continues).tolist():
            self._beginnings[place] = _spelt(pieces[place])
        self._letters = np.array([len(one) for one in bare], dtype=np.int64)
        self._powers = np.array([pow(_BASE, exponent, 1 << 32) for exponent in range(_LONGEST_WORD)], dtype=np.uint64)

    def terms(self, rows: Sequence[Sequence[int]], texts: Sequence[str] | None = None) -> list[Terms]:
        """The terms of texts.

        Args:
            rows: of each text, its piece ids without marks.
            texts: the texts themselves, where their compounds are wanted.
        """
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
        speaks = self._speaks[ids[starts]]
        return _split(owners[starts][speaks], hashes[speaks], idf[speaks], compounds)

    def _words(self, ids: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
        """Hash and idf of each word; its pieces begin at its start and end where the next word begins."""
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
        """The amounts and compounds of a text, the first ones of many."""
        # Most texts have neither, which is sooner seen by what every one of them has.
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
    """The sign and the number, without what tells thousands apart and without cents that are none."""
    sign, number = found[1] or found[4], found[2] or found[3]
    return sign + _THOUSANDS.sub("", _NO_CENTS.sub("", number))


def word_hash(word: str) -> int:
    """The hash of a word, as its pieces spell it: 16 bits."""
    return _mix(_spelt(word)) >> 16


def _split(
    owners: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    idf: NDArray[np.uint8],
    compounds: Sequence[tuple[Compound, ...]],
) -> list[Terms]:
    """The distinct words of each text, in their order, and then its compounds."""
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
    """How far a text of so many words repeats itself more than texts of its length do: 0 to 1."""
    usual = _USUAL_OF_SHORT + (_USUAL_OF_LONG - _USUAL_OF_SHORT) * min(1.0, words / _LONG)
    return min(1.0, max(0.0, share - usual) / _ALL_OVER)


def _spelt(text: str) -> int:
    """A polynomial of the letters: that of two words in one follows from theirs. 32 bits."""
    value = 0
    for letter in text:
        value = (value * _BASE + _mixed_letter(letter)) & 0xFFFFFFFF
    return value


@lru_cache(maxsize=4096)  # a vocabulary has tens of thousands of pieces, and few letters
def _mixed_letter(letter: str) -> int:
    return _mix(ord(letter))


def _mix(value: int) -> int:
    """MurmurHash3's finalizer: every bit of 32 depends on all of them."""
    value ^= value >> 16
    value = (value * 0x85EBCA6B) & 0xFFFFFFFF
    value ^= value >> 13
    value = (value * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ (value >> 16)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The same of many."""
    values = values ^ (values >> np.uint64(16))
    values = (values * np.uint64(0x85EBCA6B)) & _WORD_MASK
    values ^= values >> np.uint64(13)
    values = (values * np.uint64(0xC2B2AE35)) & _WORD_MASK
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(16))
    return mixed


def _says_something(text: str) -> bool:
    """Whether there are letters or digits, or a symbol that tells things apart: C++, C#, £20, 5 %."""
    return any(
        unicodedata.category(one)[0] in "LN" or unicodedata.category(one) == "Sc" or one in _SPEAKING for one in text
    )
