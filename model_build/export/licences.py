"""The terms of training texts, from the wording of their licences.

A licence is a line that a person wrote: `MIT; MIND, Microsoft Research licence`. Each of its parts is searched for the
words below, and the narrowest part counts. A part without any of them is unclear and counts as research only: the card
never grants what nobody has looked up.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from service.artifact.artifact import TrainingSource


class Terms(IntEnum):
    """Permitted uses of texts, from widest to narrowest."""

    FREE = 0
    SHARE_ALIKE = 1
    RESEARCH = 2
    UNCLEAR = 3

    @property
    def label(self) -> str:
        """The wording on the card."""
        return _LABELS[self]


_LABELS = {
    Terms.FREE: "any use",
    Terms.SHARE_ALIKE: "any use, shared alike",
    Terms.RESEARCH: "research only",
    Terms.UNCLEAR: "not clear",
}

# Written as `_plain` normalises a licence. The first kind with a word in a part decides. No derivatives (ND) is
# unclear: it does not say whether a model is a derivative.
_WORDS: tuple[tuple[Terms, str], ...] = (
    (
        Terms.RESEARCH,
        r"research|non ?commercial|nc|academic|educational|evaluation|"
        r"grouplens|movielens|ms marco|kaggle (competition )?(rules|terms)",
    ),
    (Terms.UNCLEAR, r"no licen[cs]e|not stated|unknown|proprietary|nd|no ?deriv(ative)?s?"),
    (
        Terms.SHARE_ALIKE,
        r"cc by sa|share ?alike|[al]?gpl(v\d)?|general public licen[cs]e|gfdl|mpl|odbl|"
        r"dfsg",  # licences that Debian calls free, the GPL among them
    ),
    (
        Terms.FREE,
        r"cc0|cc by|creative commons (zero|attribution)|public domain|pddl|odc by|"
        r"mit|apache|bsd|isc|unlicense|wordnet|appstream metadata licen[cs]es",
    ),
)
_KINDS = tuple((terms, re.compile(rf"\b(?:{words})(?![a-z])")) for terms, words in _WORDS)
_BETWEEN = re.compile(r"[;,/&+](?![^()]*\))|\band\b(?![^()]*\))")
"""Separators of the parts of a licence, outside brackets."""


def terms_of(licence: str) -> frozenset[Terms]:
    """Classify the parts of a licence; an empty one is unclear."""
    parts = [part for part in _BETWEEN.split(_plain(licence)) if part.strip(" .")]
    return frozenset(_terms_of_part(part) for part in parts) or frozenset({Terms.UNCLEAR})


@dataclass(frozen=True)
class SourceTerms:
    """A source of texts and the terms of its narrowest part; `partly`: whether other parts allow any use.

    A name beside research terms (`MIND`) belongs to them and is no licence.
    """

    source: TrainingSource
    terms: Terms
    partly: bool

    @property
    def label(self) -> str:
        """The wording on the card."""
        return f"{self.terms.label}, in part" if self.partly and self.terms >= Terms.RESEARCH else self.terms.label


@dataclass(frozen=True)
class TextTerms:
    """The terms of a model's training texts, in the manifest's order."""

    sources: Sequence[SourceTerms]

    @property
    def free(self) -> bool:
        """True if every text allows any use; False without a record of the texts."""
        return bool(self.sources) and all(one.terms < Terms.RESEARCH for one in self.sources)

    @property
    def texts(self) -> int:
        """Number of texts."""
        return sum(one.source.texts for one in self.sources)

    @property
    def share_alike(self) -> Sequence[SourceTerms]:
        """Sources under share-alike licences."""
        return [one for one in self.sources if one.terms is Terms.SHARE_ALIKE]

    @property
    def wholly_research(self) -> Sequence[SourceTerms]:
        """Sources that allow research only."""
        return [one for one in self.sources if one.terms is Terms.RESEARCH and not one.partly]

    @property
    def partly_research(self) -> Sequence[SourceTerms]:
        """Sources of which a part allows research only."""
        return [one for one in self.sources if one.terms is Terms.RESEARCH and one.partly]

    @property
    def unclear(self) -> Sequence[SourceTerms]:
        """Sources whose terms are unclear, at least in part."""
        return [one for one in self.sources if one.terms is Terms.UNCLEAR]


def text_terms(sources: Iterable[TrainingSource]) -> TextTerms:
    """Classify a model's sources."""
    return TextTerms([_source_terms(source) for source in sources])


def _source_terms(source: TrainingSource) -> SourceTerms:
    found = terms_of(source.licence)
    narrowest = Terms.RESEARCH if Terms.RESEARCH in found else max(found)
    return SourceTerms(source, narrowest, partly=bool(found & {Terms.FREE, Terms.SHARE_ALIKE} - {narrowest}))


def _terms_of_part(part: str) -> Terms:
    return next((terms for terms, words in _KINDS if words.search(part)), Terms.UNCLEAR)


def _plain(licence: str) -> str:
    return re.sub(r"[\s_-]+", " ", licence.lower())
