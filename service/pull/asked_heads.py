"""The heads, packs and task models that a device was asked to have."""

import re
from dataclasses import dataclass
from typing import Self

from service.heads.loading import MOST_HEADS
from service.releases.listing import ALL_HEADS, NO_HEADS

_is_name = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}").fullmatch


@dataclass(frozen=True)
class AskedHeads:
    """Names, sorted; or `all` that are released for the device's model."""

    names: tuple[str, ...] = ()
    all: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read names with commas between, or `all` or `none`.

        Raises:
            ValueError: the text is something else, or has more names than a device serves.
        """
        if text in (ALL_HEADS, NO_HEADS):
            return cls(all=text == ALL_HEADS)
        names = tuple(sorted({name.strip() for name in text.split(",")}))
        if len(names) > MOST_HEADS or not all(map(_is_name, names)) or {ALL_HEADS, NO_HEADS} & set(names):
            raise ValueError(
                f"heads are all, none, or at most {MOST_HEADS} names of letters, digits and . _ - with commas between"
            )
        return cls(names)

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return ALL_HEADS if self.all else ",".join(self.names) or NO_HEADS
