"""A library in its own process, called over standard input and output with lines of JSON.

    {"query": "...", "texts": ["...", ...]}      to it
    {"scores": [0.3, ...], "seconds": 0.012}     from it

The seconds are those of the library alone, without pipe and JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence

Rank = Callable[[str, list[str]], Sequence[float]]
"""Scores texts for a query."""


def answer(rank: Rank) -> None:
    """Answer until standard input ends. Output of the library goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.perf_counter()
        scores = [float(score) for score in rank(asked["query"], asked["texts"])]
        seconds = time.perf_counter() - started
        answers.write(json.dumps({"scores": scores, "seconds": seconds}) + "\n")
        answers.flush()
