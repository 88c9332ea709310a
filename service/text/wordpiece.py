"""BERT's WordPiece tokenizer, built from an artifact's vocabulary and rules."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokenizers import Encoding, Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFKC, BertNormalizer, Normalizer, Prepend, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import BertPreTokenizer, Split
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.processors import BertProcessing

from service.artifact.artifact import VOCABULARY, Artifact, ArtifactError, TokenizerRules
from service.files.regular import explained, read_file
from service.text.characters import COMPATIBILITY, CONTROLS, SUPERSCRIPT_DIGITS, SYMBOLS, is_symbol
from service.text.cleaning import MAX_CHARACTERS, clean
from service.text.pair_row import joined
from service.text.terms import Lexicon, Terms
from service.text.windows import MOST_WINDOWS, capacity, windows_of, without_repetition

PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"


@dataclass(frozen=True)
class Tokenized:
    """The tokens of a text after clean-up; it is `readable` if the vocabulary knows any token of it.

    Attributes:
        windows: token ids of each window, special tokens included; at least one window.
        words: token ids of the text as far as the windows hold it, without special ones.
        truncated: whether the windows do not hold all of it.
    """

    windows: Sequence[Sequence[int]]
    words: Sequence[int]
    truncated: bool
    readable: bool
    text: str


class TokenRow(NamedTuple):
    """A text, or a pair that is read jointly, as one row; it is `readable` if the vocabulary knows a token of each.

    Attributes:
        ids: special tokens included.
        second: the place where the second text begins; the row's length if there is none.
        truncated: whether the row does not hold all of it.
    """

    ids: list[int]
    second: int
    truncated: bool
    readable: bool


class WordPieceTokenizer:
    """Tokenizes texts.

    A literal `[SEP]` in a text is read as its characters: no text can forge special tokens.

    Attributes:
        pad_id: id of the padding token.
        unknown_id: id of the unknown token.
    """

    def __init__(self, artifact: Artifact, *, most_windows: int = MOST_WINDOWS) -> None:
        """Read the vocabulary; raises what `read_vocabulary` does."""
        vocabulary = read_vocabulary(artifact)
        manifest = artifact.manifest
        self._tokenizer = build_tokenizer(vocabulary, manifest.tokenizer)
        # For ASCII texts, whose control characters are blank by now, BERT's own rules give the same, but faster.
        self._of_ascii = build_tokenizer(vocabulary, manifest.tokenizer.model_copy(update={"version": 1}))
        self._most_windows, self._room = most_windows, manifest.model.max_length - 2
        special_tokens = (PAD, UNKNOWN, START, END)
        self._lexicon = Lexicon(list(vocabulary), special_tokens, self._tokenizer.normalizer.normalize_str)
        self._start, self._end = vocabulary[START], vocabulary[END]
        self.pad_id, self.unknown_id = vocabulary[PAD], vocabulary[UNKNOWN]

    def encode(self, texts: Sequence[str]) -> list[Tokenized]:
        """Tokenize texts."""
        read = [clean(text) for text in texts]
        return [
            self._tokenized(ids, text, cut=len(whole) > MAX_CHARACTERS)
            for ids, text, whole in zip(self._ids(read), read, texts, strict=True)
        ]

    def rows(self, inputs: Sequence[Sequence[str]]) -> list[TokenRow]:
        """Tokenize inputs of one or two texts each, all of as many, to a row each, without windows.

        Repeated phrases stay: a classifier may have learned from them.
        """
        texts = [text for one in inputs for text in one]
        ids = self._ids([clean(text) for text in texts])
        made = []
        for first in range(0, len(texts), len(inputs[0]) if inputs else 1):
            some = slice(first, first + len(inputs[0]))
            row = joined(ids[some], self._start, self._end, self._room + 2)
            cut = any(len(text) > MAX_CHARACTERS for text in texts[some])
            readable = all(any(one != self.unknown_id for one in text) for text in ids[some])
            made.append(TokenRow(row.ids, row.second, row.truncated or cut, readable))
        return made

    def _ids(self, read: Sequence[str]) -> list[list[int]]:
        """Token ids of cleaned texts, without special tokens."""
        plain = [place for place, text in enumerate(read) if text.isascii()]
        other = [place for place, text in enumerate(read) if not text.isascii()]
        found: dict[int, Encoding] = {}
        for tokenizer, places in ((self._of_ascii, plain), (self._tokenizer, other)):
            chosen = [read[place] for place in places]
            found.update(zip(places, tokenizer.encode_batch_fast(chosen, add_special_tokens=False), strict=True))
        return [found[place].ids for place in range(len(read))]

    def terms(self, tokenized: Sequence[Tokenized]) -> list[Terms]:
        """The terms of tokenized texts."""
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
    """Build BERT's tokenizer: normalisation, splits at whitespace and punctuation, greedy WordPiece, special tokens.

    The vocabulary has ids by token, among them `[UNK]`, `[CLS]` and `[SEP]`.
    """
    tokenizer = Tokenizer(WordPiece(dict(vocabulary), unk_token=UNKNOWN, continuing_subword_prefix="##"))
    of_bert = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=rules.strip_accents, lowercase=rules.lowercase
    )
    known = _known_symbols(vocabulary)
    tokenizer.normalizer = of_bert if rules.version == 1 else Normalizers([*_normalizers(known), of_bert])
    splits = [] if rules.version == 1 or not known else [Split(Regex(f"[{known}]"), "isolated")]
    tokenizer.pre_tokenizer = PreTokenizers([*splits, BertPreTokenizer()]) if splits else BertPreTokenizer()
    tokenizer.post_processor = BertProcessing((END, vocabulary[END]), (START, vocabulary[START]))
    return tokenizer


def _normalizers(known: str) -> list[Normalizer]:
    """The normalizers before BERT's own.

    Control characters become blanks. Symbols for several letters are decomposed and surrounded by blanks; other
    compatibility forms are decomposed. Symbols that the vocabulary lacks become blanks.
    """
    apart = f"(?=[{COMPATIBILITY}])|(?<=[{COMPATIBILITY}])(?=.)|(?<=[0-9])(?=[{SUPERSCRIPT_DIGITS}])"
    foreign = f"(?![{known}])[{SYMBOLS}]" if known else f"[{SYMBOLS}]"
    return [
        Prepend(" "),  # works around `tokenizers` 0.23, which fails at insertions before the first character
        Replace(Regex(f"[{CONTROLS}]"), " "),
        Replace(Regex(apart), " "),
        NFKC(),
        Replace(Regex(foreign), " "),
    ]


def _known_symbols(vocabulary: Mapping[str, int]) -> str:
    """The symbols in the vocabulary, for a character class, except those that NFKC decomposes."""
    return "".join(
        piece for piece in sorted(vocabulary) if is_symbol(piece) and unicodedata.normalize("NFKC", piece) == piece
    )


def read_vocabulary(artifact: Artifact) -> dict[str, int]:
    """Read an artifact's vocabulary: ids by token, in order.

    Raises:
        ArtifactError: the vocabulary lacks a special token, repeats a token, or has another size than the manifest
            states.
    """
    with explained(artifact.vocabulary_path, ArtifactError):
        content = read_file(artifact.vocabulary_path, most=artifact.manifest.files[VOCABULARY].bytes)
        tokens = content.decode("utf-8").removesuffix("\n").split("\n")
    vocabulary = {token: position for position, token in enumerate(tokens)}
    if len(vocabulary) != len(tokens):
        raise ArtifactError(f"{artifact.vocabulary_path} repeats a token")
    if len(tokens) != artifact.manifest.model.vocabulary_size:
        stated = artifact.manifest.model.vocabulary_size
        raise ArtifactError(f"{artifact.vocabulary_path} has {len(tokens)} tokens, the manifest states {stated}")
    for token in (PAD, UNKNOWN, START, END):
        if token not in vocabulary:
            raise ArtifactError(f"{artifact.vocabulary_path} lacks {token}")
    return vocabulary
