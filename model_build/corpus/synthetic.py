"""Synthetic texts in the shape of catalogue entries: a title, a list of names or tags, a few sentences.

Catalogue entries are longer than most training texts. Where the files have single titles and sentences only, such
compositions teach the student to read them.
"""

import random
from collections.abc import Sequence

from model_build.common.words import count_words

MAX_TITLE_WORDS, MIN_SENTENCE_WORDS = 5, 8
MAX_LISTED, MAX_SENTENCES = 6, 3
_LISTED_SHARE, _SHUFFLED_SHARE = 0.8, 0.2
_SEPARATORS = (" ", ". ", " - ", ", ", ": ")


def compose(texts: Sequence[str], count: int, seed: int) -> list[str]:
    """Compose `count` texts of parts from anywhere in the corpus; none where the texts hold no titles.

    One in five has its parts in another order.
    """
    rng = random.Random(f"compositions:{seed}")
    words = [count_words(text) for text in texts]
    titles = [text for text, length in zip(texts, words, strict=True) if length <= MAX_TITLE_WORDS]
    sentences = [text for text, length in zip(texts, words, strict=True) if length >= MIN_SENTENCE_WORDS]
    if not titles:
        return []

    def composition() -> str:
        parts = [rng.choice(titles)]
        if rng.random() < _LISTED_SHARE:
            parts.append(", ".join(rng.choices(titles, k=rng.randint(1, MAX_LISTED))))
        if sentences:
            parts += rng.choices(sentences, k=rng.randint(0, MAX_SENTENCES))
        if rng.random() < _SHUFFLED_SHARE:
            rng.shuffle(parts)
        return rng.choice(_SEPARATORS).join(parts)

    return [composition() for _ in range(count)]
