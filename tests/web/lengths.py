"""Texts of many lengths, and ones that say the same again."""

import random
from collections.abc import Callable, Sequence


def lengths(draw: random.Random, catalogue: Sequence[str], words: Sequence[str]) -> Sequence[Callable[[], str]]:
    """Draws of texts of each kind, of those texts and words."""

    def long() -> str:
        """A text of one to nine windows, and now and then of more than are read."""
        return " ".join(draw.choices(catalogue, k=draw.choice((2, 3, 5, 8, 13, 21))))

    def of_a_length() -> str:
        """A text that ends near the border of a window."""
        return " ".join(draw.choices(words, k=draw.choice((24, 38, 62, 64, 66, 90, 180, 220, 240))))

    def repeated() -> str:
        """Phrases said again, a few times or often, alone and among others."""
        phrase = " ".join(draw.choices(words, k=draw.randint(1, 12)))
        rest = " ".join(draw.choices(words, k=draw.randint(0, 6)))
        said = draw.choice((" ", ", ", "")).join([phrase] * draw.choice((2, 2, 3, 4, 9, 60)))
        return draw.choice(
            (said, f"{rest} {said}", f"{said} {rest}", f"{rest} {said} {rest} {said}", said + phrase[:7])
        )

    def insistent() -> str:
        """The same few words over and over, never in the same order."""
        few = draw.sample(words, draw.randint(1, 4))
        ends = ("", ",", f" {draw.choice(words)}", f" {draw.choice(words)}")
        return " ".join(draw.choice(few) + draw.choice(ends) for _ in range(draw.randint(6, 90)))

    return long, of_a_length, repeated, insistent
