"""What the licences of training texts allow, as far as their words tell.

A licence is a line that a person wrote: `MIT; MIND, Microsoft Research licence`. Each of its parts is looked through
for the words below, and the narrowest part counts. A part that has none of them is not clear, and is treated as one
that allows research only: nobody is told that they may do what nobody has looked up.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from service.artifact.artifact import TrainingSource


class Terms(IntEnum):
    """What may be done with texts; the greater, the less."""

    FREE = 0
    SHARE_ALIKE = 1
    RESEARCH = 2
    UNCLEAR = 3

    @property
    def told(self) -> str:
        """What readers are told."""
        return _TOLD[self]


_TOLD = {
    Terms.FREE: "any use",
    Terms.SHARE_ALIKE: "any use, shared alike",
    Terms.RESEARCH: "research only",
    Terms.UNCLEAR: "not clear",
}

# Small letters, a blank for each run of blanks, hyphens and underscores: as `_plain` writes a licence. The first kind
# that has a word in a part decides; no derivatives (ND) is no kind that says whether a model may be made.
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
"""What separates the parts of a licence, outside brackets."""


def terms_of(licence: str) -> frozenset[Terms]:
    """What the parts of a licence allow; of one that says nothing, that it is not clear."""
    parts = [part for part in _BETWEEN.split(_plain(licence)) if part.strip(" .")]
    return frozenset(_terms_of_part(part) for part in parts) or frozenset({Terms.UNCLEAR})


@dataclass(frozen=True)
class SourceTerms:
    """A source of texts and what its licence allows.

    Attributes:
        source: the source.
        terms: of its narrowest part. A name beside research terms (`MIND`) is theirs, not a licence of its own.
        partly: whether other parts of it may be used for anything.
    """

    source: TrainingSource
    terms: Terms
    partly: bool

    @property
    def told(self) -> str:
        """What readers are told."""
        return f"{self.terms.told}, in part" if self.partly and self.terms >= Terms.RESEARCH else self.terms.told


@dataclass(frozen=True)
class TextTerms:
    """The texts that trained a model, by what their licences allow.

    Attributes:
        sources: all of them, in the order of the manifest.
    """

    sources: Sequence[SourceTerms]

    @property
    def free(self) -> bool:
        """Whether every text may be used for anything. Of a model without a record of its texts, nobody knows."""
        return bool(self.sources) and all(one.terms < Terms.RESEARCH for one in self.sources)

    @property
    def texts(self) -> int:
        """How many there are."""
        return sum(one.source.texts for one in self.sources)

    @property
    def share_alike(self) -> Sequence[SourceTerms]:
        """Those that ask for what is made of them to be shared alike."""
        return [one for one in self.sources if one.terms is Terms.SHARE_ALIKE]

    @property
    def wholly_research(self) -> Sequence[SourceTerms]:
        """Those that allow research only."""
        return [one for one in self.sources if one.terms is Terms.RESEARCH and not one.partly]

    @property
    def partly_research(self) -> Sequence[SourceTerms]:
        """Those of which a part allows research only."""
        return [one for one in self.sources if one.terms is Terms.RESEARCH and one.partly]

    @property
    def unclear(self) -> Sequence[SourceTerms]:
        """Those of which nothing says what they, or a part of them, allow."""
        return [one for one in self.sources if one.terms is Terms.UNCLEAR]


def text_terms(sources: Iterable[TrainingSource]) -> TextTerms:
    """Sort a model's sources by what their licences allow."""
    return TextTerms([_source_terms(source) for source in sources])


def _source_terms(source: TrainingSource) -> SourceTerms:
    found = terms_of(source.licence)
    narrowest = Terms.RESEARCH if Terms.RESEARCH in found else max(found)
    return SourceTerms(source, narrowest, partly=bool(found & {Terms.FREE, Terms.SHARE_ALIKE} - {narrowest}))


def _terms_of_part(part: str) -> Terms:
    return next((terms for terms, words in _KINDS if words.search(part)), Terms.UNCLEAR)


def _plain(licence: str) -> str:
    return re.sub(r"[\s_-]+", " ", licence.lower())
