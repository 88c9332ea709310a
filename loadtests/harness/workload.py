"""Requests to measure with: texts like those of a payments app's catalogue, none twice unless that is asked for."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.settings import DEMO_CATALOGUE

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """A kind of rank request.

    Attributes:
        candidates: of each request.
        cached: how many of them the feature store knows.
    """

    candidates: int
    cached: int


class Workload:
    """Draws requests; the same seed draws the same ones."""

    def __init__(self, seed: int = 17) -> None:
        self._random = random.Random(seed)  # noqa: S311 (a workload, not a secret)
        self._items = read_catalogue(DEMO_CATALOGUE)
        self._words = sorted({word for item in self._items for word in item.title.lower().split()})
        self._made = 0

    def items(self, count: int) -> list[dict[str, str]]:
        """Items to remember: `{"id", "text"}`, each new."""
        return [{"id": f"item-{self._number()}", "text": self.text()} for _ in range(count)]

    def text(self) -> str:
        """An item's text that was not drawn before."""
        item: Item = self._random.choice(self._items)
        other: Item = self._random.choice(self._items)
        return f"{item.title} {self._number()}. {other.text}"

    def query(self) -> str:
        """A query that was not drawn before."""
        return f"{' '.join(self._random.sample(self._words, 3))} {self._number()}"

    def rank_body(self, case: Case, known: Sequence[dict[str, str]]) -> bytes:
        """A rank request of a kind; what is cached is named by id alone, what is not comes with its text."""
        cached = [{"id": one["id"]} for one in self._random.sample(known, case.cached)]
        candidates = cached + self.items(case.candidates - case.cached)
        self._random.shuffle(candidates)
        return json.dumps({"query": self.query(), "candidates": candidates}).encode()

    def _number(self) -> int:
        self._made += 1
        return self._made


def texts_of(body: bytes) -> list[str]:
    """The texts of a rank request that the model must read: the query and the candidates that come with one."""
    request = json.loads(body)
    return [request["query"], *(one["text"] for one in request["candidates"] if "text" in one)]


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """Items in chunks of a size."""
    left = iter(items)
    return list(iter(lambda: list(islice(left, size)), []))
