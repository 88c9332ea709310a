"""Coverage of held-out texts by vocabularies of several methods and sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model_build.common.words import split_words
from model_build.vocabulary.importance import Importance
from model_build.vocabulary.pruning import ids_of, prune, reachable_tokens, required_tokens
from service.artifact.artifact import TokenizerRules
from service.text.wordpiece import UNKNOWN, build_tokenizer

_SIZES = 8


@dataclass(frozen=True)
class Coverage:
    """The measured coverage of a vocabulary.

    Attributes:
        method: `attention`, `frequency`, or `teacher` for the unpruned vocabulary.
        unknown_rate: share of the tokens that are `[UNK]`.
        whole_words: share of the words that are one token.
    """

    method: str
    size: int
    pieces_per_word: float
    unknown_rate: float
    whole_words: float


def coverage(method: str, tokens: Sequence[str], texts: Sequence[str], rules: TokenizerRules) -> Coverage:
    """Measure a vocabulary on texts."""
    ids = ids_of(tokens)
    words = [word for text in texts for word in split_words(text)]
    encodings = build_tokenizer(ids, rules).encode_batch_fast(words, add_special_tokens=False)
    lengths = [len(encoding.ids) for encoding in encodings]
    unknown = sum(encoding.ids.count(ids[UNKNOWN]) for encoding in encodings)
    total = max(1, sum(lengths))
    return Coverage(
        method=method,
        size=len(tokens),
        pieces_per_word=total / max(1, len(words)),
        unknown_rate=unknown / total,
        whole_words=sum(length == 1 for length in lengths) / max(1, len(words)),
    )


def coverage_curve(
    teacher_vocabulary: Mapping[str, int],
    importance: Importance,
    chosen: int,
    texts: Sequence[str],
    rules: TokenizerRules,
) -> list[Coverage]:
    """Measure both methods on held-out texts, at sizes from the least possible to the teacher's own, `chosen` too.

    Returns a row for each method and size, in ascending order of size.
    """
    reachable = reachable_tokens(teacher_vocabulary)
    least, most = len(required_tokens(reachable)), len(reachable)
    sizes = sorted({*np.geomspace(least, most, _SIZES).round().astype(int).tolist(), chosen})
    return [
        coverage(method, prune(teacher_vocabulary, scores, size), texts, rules)
        for method, scores in importance.orders.items()
        for size in sizes
    ]
