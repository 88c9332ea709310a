"""Hard token pruning: keep the teacher's most important tokens.

The special tokens and every single letter, digit and punctuation mark, alone and behind `##`, are always kept, so that
a word whose longer tokens are gone is spelled out and does not become `[UNK]`. CJK characters compete with words by
importance. BERT splits off every CJK character, so a longer token that contains one can't occur, and is never kept.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import RecipeError
from model_build.common.special_tokens import SPECIAL_TOKENS
from model_build.common.words import has_cjk
from service.artifact.artifact import TokenizerRules
from service.text.wordpiece import build_tokenizer

LATIN = 0x250  # the end of Latin Extended-B; single characters of other scripts compete on importance
_CHUNK = 20_000  # texts tokenised at a time


def prune(teacher_vocabulary: Mapping[str, int], scores: NDArray[np.number], size: int) -> list[str]:
    """Return the kept tokens: special tokens, single characters, then by score; ties in the teacher's order.

    Raises:
        RecipeError: `size` has no room for special tokens and single characters, or exceeds the usable vocabulary.
    """
    reachable = reachable_tokens(teacher_vocabulary)
    kept = required_tokens(reachable)
    if not len(kept) <= size <= len(reachable):
        raise RecipeError(
            f"vocabulary.size is {size:,}; it must be between {len(kept):,} (special tokens and single characters) and "
            f"{len(reachable):,} (the teacher's tokens that can occur)"
        )
    required = set(kept)
    ranked = sorted(
        (token for token in reachable if token not in required and not _is_special(token)),
        key=lambda token: -float(scores[teacher_vocabulary[token]]),
    )
    return kept + ranked[: size - len(kept)]


def reachable_tokens(teacher_vocabulary: Mapping[str, int]) -> list[str]:
    """List the tokens that can occur, in the teacher's order."""
    return [token for token in sorted(teacher_vocabulary, key=teacher_vocabulary.__getitem__) if is_reachable(token)]


def required_tokens(reachable: Sequence[str]) -> list[str]:
    """List the tokens that every vocabulary keeps: special tokens, then single characters."""
    return [*(token for token in SPECIAL_TOKENS if token in reachable), *filter(is_single_character, reachable)]


def is_single_character(token: str) -> bool:
    """Check that a token is one Latin letter, digit or punctuation mark, behind `##` or not."""
    bare = token.removeprefix("##") if len(token) > 2 else token
    return len(bare) == 1 and ord(bare) < LATIN and unicodedata.category(bare)[0] != "C"


def is_reachable(token: str) -> bool:
    """Check that a token can occur: a CJK character does so only alone."""
    return len(token) == 1 or not has_cjk(token)


def write_vocabulary(tokens: Sequence[str], path: Path) -> None:
    """Write `vocab.txt`: a token a line."""
    path.write_text("\n".join(tokens) + "\n", encoding="utf-8")


def read_vocabulary(path: Path) -> list[str]:
    """Read `vocab.txt`."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def ids_of(tokens: Sequence[str]) -> dict[str, int]:
    """Number the tokens of a vocabulary."""
    return {token: index for index, token in enumerate(tokens)}


def token_rows(
    tokens: Sequence[str], rules: TokenizerRules, texts: Sequence[str], max_length: int
) -> Iterator[list[int]]:
    """Yield the token ids of texts under a vocabulary, special tokens included."""
    tokenizer = build_tokenizer(ids_of(tokens), rules)
    tokenizer.enable_truncation(max_length)
    for start in range(0, len(texts), _CHUNK):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + _CHUNK])):
            yield encoding.ids


def _is_special(token: str) -> bool:
    return token.startswith("[") and token.endswith("]") and len(token) > 2
