"""Questions to the demo catalogue with relevance judgements of all its items, made by hand.

They are used for evaluation only: they measure a ranking on an app's own catalogue, with a history on the same topic as
the question and with one on another topic. JSON lines:

    {"query": …, "relevant": {<item>: <grade, 1 to 3>, …}, "related": [<item>, …], "unrelated": [<item>, …]}
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DEMO_QUESTIONS = Path(__file__).with_suffix(".jsonl")


@dataclass(frozen=True)
class DemoQuestion:
    """A question and its judgements.

    Attributes:
        query: as a user would type it.
        relevant: grades of all relevant items: 3 answers the question, 2 serves, 1 helps in part.
        related: items of a history on the same topic, none of them relevant.
        unrelated: items of a history on another topic, in categories without relevant items.
    """

    query: str
    relevant: Mapping[str, int]
    related: Sequence[str]
    unrelated: Sequence[str]


def read_demo_questions() -> list[DemoQuestion]:
    """Read the packaged questions."""
    lines = DEMO_QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [DemoQuestion(**json.loads(line)) for line in lines]
