"""Tables of examples for tests, of the words that a tiny artifact knows."""

import gzip
import lzma
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

WORDS = {"money": ("bill", "pay", "split", "dinner"), "travel": ("taxi", "ride", "train", "ticket")}
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {".xz": lzma.compress, ".gz": gzip.compress}
FILLERS = ("top", "up", "warm", "phone")


def write_texts(path: Path, *, per_class: int = 40, seed: int = 0) -> Path:
    """Texts of two classes: each has words of its own class, and of none."""
    rng = random.Random(seed)
    rows = [
        (label, " ".join(rng.sample([*rng.sample(words, 2), *rng.sample(FILLERS, 2)], 4)))
        for label, words in WORDS.items()
        for _ in range(per_class)
    ]
    return write_rows(path, ("label", "text"), rows)


def write_pairs(path: Path, *, pairs: int = 60, seed: int = 0) -> Path:
    """Pairs whose texts have the same words in another order, labelled yes, or others, labelled no."""
    rng = random.Random(seed)
    rows = []
    for number in range(pairs):
        words = rng.sample([*WORDS["money"], *WORDS["travel"], *FILLERS], 4)
        other = rng.sample(words, 4) if number % 2 else rng.sample([*WORDS["travel"], *FILLERS], 4)
        rows.append(("yes" if number % 2 else "no", " ".join(words), " ".join(other)))
    return write_rows(path, ("label", "text_a", "text_b"), rows)


def write_rows(path: Path, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Path:
    content = "".join("\t".join(cells) + "\n" for cells in [header, *rows]).encode()
    path.write_bytes(_PACKERS.get(path.suffix, bytes)(content))
    return path
