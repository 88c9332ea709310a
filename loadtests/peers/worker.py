"""A library in a process of its own, asked over its standard input: a line of JSON each way.

    {"query": "...", "texts": ["...", ...]}      to it
    {"scores": [0.3, ...], "seconds": 0.012}     from it

The seconds are those of the library's own work: the pipe and the JSON are no part of how a library is used.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence

Rank = Callable[[str, list[str]], Sequence[float]]
"""Scores texts by a query."""


def answer(rank: Rank) -> None:
    """Answer until the standard input ends. Whatever the library prints goes to the standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.perf_counter()
        scores = [float(score) for score in rank(asked["query"], asked["texts"])]
        seconds = time.perf_counter() - started
        answers.write(json.dumps({"scores": scores, "seconds": seconds}) + "\n")
        answers.flush()
