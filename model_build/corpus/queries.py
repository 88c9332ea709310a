"""Short queries drawn from texts, for the ranking task."""

import math
import random
from collections import Counter
from collections.abc import Sequence

from model_build.common.words import has_cjk, split_words

MIN_QUERY_WORDS, MAX_QUERY_WORDS = 2, 5


def draw_queries(texts: Sequence[str], share: float, seed: int) -> dict[int, str]:
    """Draw a query from a share of the texts that are long enough: a few of a text's words, in their order.

    Words are drawn without replacement, with probability proportional to their inverse document frequency (Efraimidis
    and Spirakis' weighted reservoir keys). Texts with CJK characters give none: a few characters drawn from a text are
    no query that anybody would type.

    Returns:
        The query by the index of its text.
    """
    frequency = Counter(word for text in texts for word in {word.casefold() for word in split_words(text)})
    idf = {word: math.log(1 + len(texts) / count) for word, count in frequency.items()}
    rng = random.Random(f"queries:{seed}")
    queries: dict[int, str] = {}
    for index, text in enumerate(texts):
        if rng.random() >= share:
            continue
        words = split_words(text)
        if len(words) <= MAX_QUERY_WORDS or has_cjk(text):
            continue
        size = rng.randint(MIN_QUERY_WORDS, MAX_QUERY_WORDS)
        keys = [rng.random() ** (1 / idf[word.casefold()]) for word in words]
        kept = sorted(sorted(range(len(words)), key=keys.__getitem__)[-size:])
        queries[index] = " ".join(words[i] for i in kept).lower()
    return queries
