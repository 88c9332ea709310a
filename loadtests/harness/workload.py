"""Rank requests to measure with, over unique texts like those of the demo catalogue."""

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
        candidates: number per request.
        cached: number of them that the feature store holds.
    """

    candidates: int
    cached: int


class Workload:
    """Draws requests; equal seeds draw equal requests."""

    def __init__(self, seed: int = 17) -> None:
        self._random = random.Random(seed)  # noqa: S311 (a workload, not a secret)
        self._items = read_catalogue(DEMO_CATALOGUE)
        self._words = sorted({word for item in self._items for word in item.title.lower().split()})
        self._made = 0

    def items(self, count: int) -> list[dict[str, str]]:
        """New items: `{"id", "text"}`."""
        return [{"id": f"item-{self._number()}", "text": self.text()} for _ in range(count)]

    def text(self) -> str:
        """A new item text."""
        item: Item = self._random.choice(self._items)
        other: Item = self._random.choice(self._items)
        return f"{item.title} {self._number()}. {other.text}"

    def query(self) -> str:
        """A new query."""
        return f"{' '.join(self._random.sample(self._words, 3))} {self._number()}"

    def rank_body(self, case: Case, known: Sequence[dict[str, str]]) -> bytes:
        """The body of a rank request: cached candidates by id only, the others with their texts."""
        cached = [{"id": one["id"]} for one in self._random.sample(known, case.cached)]
        candidates = cached + self.items(case.candidates - case.cached)
        self._random.shuffle(candidates)
        return json.dumps({"query": self.query(), "candidates": candidates}).encode()

    def _number(self) -> int:
        self._made += 1
        return self._made


def texts_of(body: bytes) -> list[str]:
    """The texts of a rank request that the model must embed: the query, and candidates with a text."""
    request = json.loads(body)
    return [request["query"], *(one["text"] for one in request["candidates"] if "text" in one)]


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """Split items into chunks of a size."""
    left = iter(items)
    return list(iter(lambda: list(islice(left, size)), []))
