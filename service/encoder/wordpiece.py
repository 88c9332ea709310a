"""BERT's tokenizer, built from the artifact's vocabulary and rules alone."""

from collections.abc import Mapping, Sequence

from tokenizers import Encoding, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from service.artifact import Artifact, ArtifactError, TokenizerRules
from service.encoder.terms import Lexicon, Terms

PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
_MORE_CHUNKS = 3
MAX_CHARACTERS = 8192  # what follows is beyond what any model reads, unless the text is mostly blanks


class WordPieceTokenizer:
    """Splits texts into the pieces that the model reads.

    Marks such as `[SEP]` in a text are read as the characters they are: no text can forge the model's own marks.

    Attributes:
        pad_id: the id that fills short texts up.
        unknown_id: the id of a word that the vocabulary has no pieces for.
    """

    def __init__(self, artifact: Artifact) -> None:
        """Read the vocabulary.

        Raises:
            ArtifactError: the vocabulary lacks a mark, repeats a piece, or is not the size that the manifest states.
        """
        vocabulary = _read_vocabulary(artifact)
        manifest = artifact.manifest
        tokenizer = build_tokenizer(vocabulary, manifest.tokenizer)
        tokenizer.enable_truncation(manifest.model.max_length)
        self._tokenizer = tokenizer
        self._lexicon = Lexicon(list(vocabulary), marks=(PAD, UNKNOWN, START, END))
        self.pad_id, self.unknown_id = vocabulary[PAD], vocabulary[UNKNOWN]

    def encode(self, texts: list[str]) -> list[Encoding]:
        """Split the first `MAX_CHARACTERS` of texts. `overflowing` of an encoding tells whether more was cut off."""
        return self._tokenizer.encode_batch_fast([_sanitized(text[:MAX_CHARACTERS]) for text in texts])

    def terms(self, encodings: Sequence[Encoding]) -> list[Terms]:
        """The words of texts that were split, and of what was cut off of them a few times as much again."""
        return self._lexicon.terms([_pieces_of(one) for one in encodings])


def build_tokenizer(vocabulary: Mapping[str, int], rules: TokenizerRules) -> Tokenizer:
    """BERT's tokenizer over a vocabulary: normalisation, splitting at blanks and punctuation, greedy WordPiece, marks.

    Args:
        vocabulary: id by piece; `[UNK]`, `[CLS]` and `[SEP]` among them.
        rules: how texts are normalised.
    """
    tokenizer = Tokenizer(WordPiece(dict(vocabulary), unk_token=UNKNOWN, continuing_subword_prefix="##"))
    tokenizer.normalizer = BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=rules.strip_accents,
        lowercase=rules.lowercase,
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing((END, vocabulary[END]), (START, vocabulary[START]))
    return tokenizer


def _read_vocabulary(artifact: Artifact) -> dict[str, int]:
    try:
        pieces = artifact.vocabulary_path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
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


def _pieces_of(encoding: Encoding) -> list[int]:
    """The ids of a text's pieces, without the marks at the ends of each chunk."""
    ids: list[int] = encoding.ids[1:-1]
    for more in encoding.overflowing[:_MORE_CHUNKS]:
        ids += more.ids[1:-1]
    return ids


def _sanitized(text: str) -> str:
    """The text with lone surrogates, which no UTF-8 can hold, replaced by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
