"""Texts and a tiny random teacher, made on the spot: what `smoke.toml` needs."""

import random
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

SYLLABLES = [consonant + vowel for consonant in "bcdfghklmnprstvwz" for vowel in "aeiou"]
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
RECIPES = Path(__file__).parents[2] / "model_build" / "recipes"


def words(count: int = 900) -> list[str]:
    rng = random.Random(0)
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(count)]


def texts(count: int = 1500) -> list[str]:
    rng = random.Random(1)
    known = words()
    return [" ".join(rng.choices(known, k=rng.randint(3, 14))) for _ in range(count)]


def write_data(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "texts.txt").write_text("\n".join(texts()), encoding="utf-8")
    return folder


def write_pairs(path: Path, count: int = 300) -> Path:
    """Labelled pairs: the same words in another order, or other words."""
    rng = random.Random(2)
    known = texts(count)
    lines = ["label\ttext_a\ttext_b"]
    for place, text in enumerate(known):
        match = place % 2
        other = text if match else rng.choice(known)
        lines.append(f"{match}\t{text}\tword {' '.join(reversed(other.split()))}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@contextmanager
def without_plots() -> Iterator[None]:
    """Leave the plots of reports empty until the block ends: to draw them takes as long as a small run."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("model_build.report.canvas.svg", lambda _, **__: "<svg/>")
        yield


def write_teacher(folder: Path) -> Path:
    characters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [*MARKS, *characters, *(f"##{character}" for character in characters)]
    pieces += sorted(set(words()) - set(pieces))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=len(pieces), hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96
    )
    BertModel(shape).save_pretrained(folder)
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
