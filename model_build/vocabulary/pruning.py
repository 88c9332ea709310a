"""Hard token pruning: the teacher's vocabulary, less the tokens that it pays least attention to.

A token's importance is the attention that it receives in the teacher, summed over layers, heads, querying positions
and the sentences of the corpus (EI-BERT, arXiv 2507.04636). The most important pieces are kept. The special marks and
every single letter, digit and punctuation mark, alone and behind `##`, stay whatever their importance, so that a word
whose longer pieces are gone is spelled out and does not become `[UNK]`. CJK characters compete with the words; pieces
that no text is split into never stay: BERT sets every CJK character apart, so that none is part of a longer piece.

The comparison with pruning by frequency at the same size goes to the report.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from model_build.common.device import computing
from model_build.common.errors import RecipeError
from model_build.common.log import Journal
from model_build.common.special_tokens import MARKS
from model_build.common.words import has_cjk, split_words
from model_build.teacher.model import Teacher, pad, tokenize
from service.artifact.artifact import TokenizerRules
from service.text.wordpiece import UNKNOWN, build_tokenizer

IMPORTANCE = "importance.npz"
LATIN = 0x250  # the end of Latin Extended-B; single characters of other scripts compete on importance


@dataclass(frozen=True)
class Coverage:
    """How well a vocabulary splits texts.

    Attributes:
        method: how it was chosen.
        size: its pieces.
        pieces_per_word: mean pieces of a word.
        unknown_rate: share of pieces that are `[UNK]`.
        whole_words: share of words that are one piece.
    """

    method: str
    size: int
    pieces_per_word: float
    unknown_rate: float
    whole_words: float


@dataclass(frozen=True)
class Importance:
    """Scores by the teacher's token id.

    Attributes:
        attention: float64 `[vocabulary]`, attention received.
        frequency: int64 `[vocabulary]`, occurrences.
    """

    attention: NDArray[np.float64]
    frequency: NDArray[np.int64]


@torch.inference_mode()
def measure_importance(
    teacher: Teacher, texts: Sequence[str], *, max_length: int, batch_texts: int, journal: Journal
) -> Importance:
    """Sum the attention that each token receives over the texts.

    The marks are left out: they collect attention that has nowhere else to go, and they always stay.
    """
    size = teacher.embeddings.shape[0]
    attention, frequency = torch.zeros(size, dtype=torch.float64), torch.zeros(size, dtype=torch.int64)
    rows = sorted(tokenize(teacher, texts, max_length), key=len)
    implementation = teacher.model.config._attn_implementation  # transformers has no public getter
    teacher.model.set_attn_implementation("eager")  # the fused kernels do not return attention
    try:
        with computing(teacher.model) as device, journal.bar("token importance", len(rows)) as bar:
            for start in range(0, len(rows), batch_texts):
                ids, mask = pad(rows[start : start + batch_texts], teacher.tokenizer.pad_token_id)
                seen = mask.to(device)
                layers = teacher.model(ids.to(device), attention_mask=seen, output_attentions=True).attentions
                queries = seen[:, None, :, None].float()
                received = sum((layer.float() * queries).sum(dim=(1, 2)) for layer in layers).cpu()
                real = mask.bool()
                attention.index_add_(0, ids[real], received[real].double())
                frequency.index_add_(0, ids[real], torch.ones_like(ids[real]))
                bar.advance(len(ids))
    finally:
        teacher.model.set_attn_implementation(implementation)
    return Importance(attention.numpy(), frequency.numpy())


def save_importance(importance: Importance, folder: Path) -> None:
    """Write scores for `load_importance`."""
    np.savez(folder / IMPORTANCE, attention=importance.attention, frequency=importance.frequency)


def load_importance(folder: Path) -> Importance:
    """Read what `save_importance` wrote."""
    with np.load(folder / IMPORTANCE) as scores:
        return Importance(scores["attention"], scores["frequency"])


def prune(teacher_vocabulary: Mapping[str, int], scores: NDArray[np.number], size: int) -> list[str]:
    """The pieces that stay: marks, single characters, then the highest scores; ties by the teacher's order.

    Raises:
        RecipeError: `size` does not even hold the marks and single characters, or is beyond what the teacher's
            vocabulary has of use.
    """
    by_id = reachable_pieces(teacher_vocabulary)
    kept = standing_pieces(by_id)
    if not len(kept) <= size <= len(by_id):
        raise RecipeError(
            f"vocabulary.size is {size:,}; it must be between {len(kept):,} (marks and single characters) and "
            f"{len(by_id):,} (the pieces of the teacher that a text can be split into)"
        )
    held = set(kept)
    ranked = sorted(
        (piece for piece in by_id if piece not in held and not _is_mark(piece)),
        key=lambda piece: -float(scores[teacher_vocabulary[piece]]),
    )
    return kept + ranked[: size - len(kept)]


def reachable_pieces(teacher_vocabulary: Mapping[str, int]) -> list[str]:
    """The pieces that a text can be split into, in the teacher's order."""
    return [piece for piece in sorted(teacher_vocabulary, key=teacher_vocabulary.__getitem__) if is_reachable(piece)]


def standing_pieces(reachable: Sequence[str]) -> list[str]:
    """Those of the reachable pieces that stay in any vocabulary: the marks, then single characters in their order."""
    return [*(mark for mark in MARKS if mark in reachable), *filter(is_single_character, reachable)]


def is_single_character(piece: str) -> bool:
    """Whether a piece is one Latin letter, digit or mark of punctuation, behind `##` or not."""
    bare = piece.removeprefix("##") if len(piece) > 2 else piece
    return len(bare) == 1 and ord(bare) < LATIN and unicodedata.category(bare)[0] != "C"


def is_reachable(piece: str) -> bool:
    """Whether any text is split into this piece: a CJK character is one only alone."""
    return len(piece) == 1 or not has_cjk(piece)


def coverage(method: str, pieces: Sequence[str], texts: Sequence[str], rules: TokenizerRules) -> Coverage:
    """Measure a vocabulary on texts."""
    tokenizer = build_tokenizer({piece: place for place, piece in enumerate(pieces)}, rules)
    words = [word for text in texts for word in split_words(text)]
    encodings = tokenizer.encode_batch_fast(words, add_special_tokens=False)
    lengths = [len(encoding.ids) for encoding in encodings]
    unknown = sum(encoding.ids.count(pieces.index(UNKNOWN)) for encoding in encodings)
    total = max(1, sum(lengths))
    return Coverage(
        method=method,
        size=len(pieces),
        pieces_per_word=total / max(1, len(words)),
        unknown_rate=unknown / total,
        whole_words=sum(length == 1 for length in lengths) / max(1, len(words)),
    )


def write_vocabulary(pieces: Sequence[str], path: Path) -> None:
    """Write `vocab.txt`: a piece a line."""
    path.write_text("\n".join(pieces) + "\n", encoding="utf-8")


def read_vocabulary(path: Path) -> list[str]:
    """Read `vocab.txt`."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def token_rows(
    pieces: Sequence[str], rules: TokenizerRules, texts: Sequence[str], max_length: int, chunk: int = 20_000
) -> Iterator[list[int]]:
    """Token ids of texts under a vocabulary, marks included."""
    tokenizer = build_tokenizer({piece: place for place, piece in enumerate(pieces)}, rules)
    tokenizer.enable_truncation(max_length)
    for start in range(0, len(texts), chunk):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + chunk])):
            yield encoding.ids


def _is_mark(piece: str) -> bool:
    return piece.startswith("[") and piece.endswith("]") and len(piece) > 2
