"""BERT's tokenizer, built from the artifact's vocabulary and rules alone."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tokenizers import Encoding, Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFKC, BertNormalizer, Normalizer, Prepend, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import BertPreTokenizer, Split
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.processors import BertProcessing

from service.artifact.artifact import VOCABULARY, Artifact, ArtifactError, TokenizerRules
from service.files.regular import read_file
from service.text.characters import COMPATIBILITY, CONTROLS, SUPERSCRIPT_DIGITS, SYMBOLS, is_symbol
from service.text.cleaning import MAX_CHARACTERS, clean
from service.text.terms import Lexicon, Terms
from service.text.windows import MOST_WINDOWS, capacity, windows_of, without_repetition

PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"


@dataclass(frozen=True)
class Tokenized:
    """What the tokenizer makes of a text.

    Attributes:
        windows: what the model reads in turn, special tokens included; one at least.
        words: the tokens of all windows, each once, without special ones.
        truncated: whether there was more than the windows hold.
        readable: whether the vocabulary knows any piece of it.
        text: what was split.
    """

    windows: Sequence[Sequence[int]]
    words: Sequence[int]
    truncated: bool
    readable: bool
    text: str


class WordPieceTokenizer:
    """Splits texts into the pieces that the model reads.

    Marks such as `[SEP]` in a text are read as the characters they are: no text can forge the model's own marks.

    Attributes:
        pad_id: the id that fills short texts up.
        unknown_id: the id of a word that the vocabulary has no pieces for.
    """

    def __init__(self, artifact: Artifact, *, most_windows: int = MOST_WINDOWS) -> None:
        """Read the vocabulary.

        Args:
            artifact: a verified artifact.
            most_windows: of a text that is longer than the model reads at once.

        Raises:
            ArtifactError: the vocabulary lacks a mark, repeats a piece, or is not the size that the manifest states.
        """
        vocabulary = read_vocabulary(artifact)
        manifest = artifact.manifest
        self._tokenizer = build_tokenizer(vocabulary, manifest.tokenizer)
        # Of an ASCII text, whose controls are blank by now, all rules make what BERT's own make of it, only slower.
        self._of_ascii = build_tokenizer(vocabulary, manifest.tokenizer.model_copy(update={"version": 1}))
        self._most_windows, self._room = most_windows, manifest.model.max_length - 2
        marks = (PAD, UNKNOWN, START, END)
        self._lexicon = Lexicon(list(vocabulary), marks, self._tokenizer.normalizer.normalize_str)
        self._start, self._end = vocabulary[START], vocabulary[END]
        self.pad_id, self.unknown_id = vocabulary[PAD], vocabulary[UNKNOWN]

    def encode(self, texts: Sequence[str]) -> list[Tokenized]:
        """Split texts."""
        read = [clean(text) for text in texts]
        plain = [place for place, text in enumerate(read) if text.isascii()]
        other = [place for place, text in enumerate(read) if not text.isascii()]
        found: dict[int, Encoding] = {}
        for tokenizer, places in ((self._of_ascii, plain), (self._tokenizer, other)):
            chosen = [read[place] for place in places]
            found.update(zip(places, tokenizer.encode_batch_fast(chosen, add_special_tokens=False), strict=True))
        return [
            self._tokenized(found[place].ids, text, cut=len(texts[place]) > MAX_CHARACTERS)
            for place, text in enumerate(read)
        ]

    def terms(self, tokenized: Sequence[Tokenized]) -> list[Terms]:
        """The words of texts that were split."""
        return self._lexicon.terms([one.words for one in tokenized], [one.text for one in tokenized])

    def _tokenized(self, ids: Sequence[int], text: str, *, cut: bool) -> Tokenized:
        said = without_repetition(ids, self.unknown_id)
        words = said[: capacity(self._room, self._most_windows)]
        windows = windows_of(words, self._room)
        return Tokenized(
            windows=[[self._start, *window, self._end] for window in windows],
            words=words,
            truncated=cut or len(words) < len(said),
            readable=any(one != self.unknown_id for one in words),
            text=text,
        )


def build_tokenizer(vocabulary: Mapping[str, int], rules: TokenizerRules) -> Tokenizer:
    """BERT's tokenizer over a vocabulary: normalisation, splitting at blanks and punctuation, greedy WordPiece, marks.

    Args:
        vocabulary: id by piece; `[UNK]`, `[CLS]` and `[SEP]` among them.
        rules: how texts are normalised, and split.
    """
    tokenizer = Tokenizer(WordPiece(dict(vocabulary), unk_token=UNKNOWN, continuing_subword_prefix="##"))
    of_bert = BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=rules.strip_accents,
        lowercase=rules.lowercase,
    )
    known = _known_symbols(vocabulary)
    tokenizer.normalizer = of_bert if rules.version == 1 else Normalizers([*_normalizers(known), of_bert])
    splits = [] if rules.version == 1 or not known else [Split(Regex(f"[{known}]"), "isolated")]
    tokenizer.pre_tokenizer = PreTokenizers([*splits, BertPreTokenizer()]) if splits else BertPreTokenizer()
    tokenizer.post_processor = BertProcessing((END, vocabulary[END]), (START, vocabulary[START]))
    return tokenizer


def _normalizers(known: str) -> list[Normalizer]:
    """What stands before BERT's own rules.

    Controls are blank. What stands for several letters gets blanks around it and is spelt out; other compatibility
    forms become the letters that they are. A symbol that the vocabulary does not know is blank.
    """
    apart = f"(?=[{COMPATIBILITY}])|(?<=[{COMPATIBILITY}])(?=.)|(?<=[0-9])(?=[{SUPERSCRIPT_DIGITS}])"
    foreign = f"(?![{known}])[{SYMBOLS}]" if known else f"[{SYMBOLS}]"
    return [
        Prepend(" "),  # nothing can be put before a text's first character: `tokenizers` 0.23 stumbles over it
        Replace(Regex(f"[{CONTROLS}]"), " "),
        Replace(Regex(apart), " "),
        NFKC(),
        Replace(Regex(foreign), " "),
    ]


def _known_symbols(vocabulary: Mapping[str, int]) -> str:
    """The symbols that are pieces, for a character class; those that are resolved into others never come there."""
    return "".join(
        piece for piece in sorted(vocabulary) if is_symbol(piece) and unicodedata.normalize("NFKC", piece) == piece
    )


def read_vocabulary(artifact: Artifact) -> dict[str, int]:
    """The ids of an artifact's pieces, in their order.

    Raises:
        ArtifactError: the vocabulary lacks a mark, repeats a piece, or is not the size that the manifest states.
    """
    try:
        content = read_file(artifact.vocabulary_path, most=artifact.manifest.files[VOCABULARY].bytes)
        pieces = content.decode("utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise ArtifactError(f"{artifact.vocabulary_path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ArtifactError(f"{artifact.vocabulary_path} is not UTF-8") from None
    vocabulary = {piece: position for position, piece in enumerate(pieces)}
    if len(vocabulary) != len(pieces):
        raise ArtifactError(f"{artifact.vocabulary_path} repeats a piece")
    if len(pieces) != artifact.manifest.model.vocabulary_size:
        stated = artifact.manifest.model.vocabulary_size
        raise ArtifactError(f"{artifact.vocabulary_path} has {len(pieces)} pieces, the manifest states {stated}")
    for mark in (PAD, UNKNOWN, START, END):
        if mark not in vocabulary:
            raise ArtifactError(f"{artifact.vocabulary_path} lacks {mark}")
    return vocabulary
