"""The items that devices ask for: a given catalogue, scaled up to any size.

Below the catalogue's length, item n is its own; beyond, a variant of one with a word of another item's title and a
number, so that each has its own text and meaning. Nothing is random: item n is equal in every process.
"""

from collections.abc import Sequence
from pathlib import Path

from loadtests.load.randomness import key_of
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item


class Catalogue:
    """A scaled catalogue; items are computed on demand."""

    def __init__(self, items: Sequence[Item], count: int) -> None:
        self._items = items = items[:count]
        self.count = count
        self.categories = sorted({one.category or "" for one in items})
        self._numbers = {name: number for number, name in enumerate(self.categories)}

    @classmethod
    def read(cls, path: Path | str, count: int) -> "Catalogue":
        """Read a catalogue of JSON lines, and scale it.

        Raises:
            CatalogueError: the file is not a catalogue.
        """
        return cls(read_catalogue(Path(path)), count)

    def item(self, number: int) -> Item:
        """Item n; beyond `count` it is a new item."""
        round_, place = divmod(number, len(self._items))
        item = self._items[place]
        if round_ == 0:
            return item
        title = f"{item.title} {self._word(key_of(number))} {round_}"
        return Item(f"{item.id}-{round_}", title, f"{title}{item.text[len(item.title) :]}", item.category)

    def category_of(self, number: int) -> int:
        """Number of an item's category."""
        return self._numbers[self._items[number % len(self._items)].category or ""]

    def query(self, number: int) -> str:
        """A query for an item: words of its title."""
        key = key_of(number, 1)
        words = self.item(key % self.count).title.lower().split()
        start = (key >> 32) % max(1, len(words) - 1)
        return " ".join(words[start : start + 3])

    def _word(self, key: int) -> str:
        words = self._items[key % len(self._items)].title.split()
        return words[(key >> 32) % len(words)].lower()
