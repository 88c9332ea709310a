"""A library as peers are: how many words of the query a text has. With an argument it misbehaves as that says."""

import sys

from loadtests.peers.worker import Rank, answer


def rank_by_words(query: str, texts: list[str]) -> list[float]:
    print("what a library prints")  # noqa: T201 (libraries do)
    words = set(query.lower().split())
    return [float(len(words & set(text.lower().split()))) for text in texts]


def rank_one_too_few(query: str, texts: list[str]) -> list[float]:
    return rank_by_words(query, texts)[1:]


def fail(query: str, texts: list[str]) -> list[float]:
    raise ValueError(f"no weights for {len(query)} letters and {len(texts)} texts")


BEHAVIOURS: dict[str, Rank] = {"": rank_by_words, "short": rank_one_too_few, "broken": fail}

if __name__ == "__main__":
    answer(BEHAVIOURS["".join(sys.argv[1:])])
