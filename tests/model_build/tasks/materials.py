"""A task that can be learned from its words, and teachers of every family that read it."""

import random
from pathlib import Path
from typing import Any

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertTokenizer,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    PreTrainedModel,
)

from tests.model_build.materials import words

CLASSES = ("bird", "cat", "dog")


def write_texts(path: Path, count: int = 90, seed: int = 0) -> Path:
    """Texts whose first word says their class."""
    draw = random.Random(seed)
    known = words()
    lines = ["label\ttext"]
    for place in range(count):
        label = CLASSES[place % len(CLASSES)]
        mark = known[CLASSES.index(label)]
        lines.append(f"{label}\t{mark} {mark} {' '.join(draw.choices(known[10:], k=draw.randint(2, 6)))}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_pairs(path: Path, count: int = 60, seed: int = 0) -> Path:
    """Pairs of texts, alike or not."""
    draw = random.Random(seed)
    known = words()
    lines = ["label\ttext_a\ttext_b"]
    for place in range(count):
        first = draw.choices(known, k=4)
        second = first if place % 2 else draw.choices(known, k=4)
        lines.append(f"{place % 2}\t{' '.join(first)} {place}\t{' '.join(second)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_graded(path: Path, count: int = 60, seed: int = 0, *, labelled: bool = True) -> Path:
    """Pairs of texts, whose grade is how many words they share."""
    draw = random.Random(seed)
    known = words()
    lines = ["label\ttext\ttext_b" if labelled else "text\ttext_b"]
    for place in range(count):
        first, shared = draw.choices(known, k=4), place % 5
        second = first[:shared] + draw.choices(known, k=4 - shared)
        cells = [f"{shared / 2}"] if labelled else []
        lines.append("\t".join([*cells, " ".join(first), " ".join(second)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_classifier(folder: Path, teacher: Path, family: str, labels: dict[int, str], positions: int = 512) -> Path:
    """A random classifier of a family, with the vocabulary of the teacher in another folder."""
    tokenizer = BertTokenizer(vocab=str(teacher / "vocab.txt"))
    size = len(tokenizer)
    shape: dict[str, Any] = {"vocab_size": size, "num_labels": len(labels)}
    layers: dict[str, Any] = {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 48,
    }
    torch.manual_seed(1)
    model: PreTrainedModel
    if family == "bert":
        model = BertForSequenceClassification(BertConfig(**shape, **layers, max_position_embeddings=positions))
    elif family == "electra":
        model = ElectraForSequenceClassification(ElectraConfig(**shape, **layers, embedding_size=16))
    else:
        model = DistilBertForSequenceClassification(
            DistilBertConfig(**shape, dim=32, n_layers=1, n_heads=2, hidden_dim=48)
        )
    model.config.id2label, model.config.label2id = labels, {name: place for place, name in labels.items()}
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
