"""Features of examples: their vectors by the model that will serve the head."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from rich.progress import Progress

from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.heads.data import Examples
from service.heads.pair_features import pair_features

CHUNK = 512


def features_of(examples: Examples, system: EmbeddingSystem, progress: Progress) -> Vectors:
    """The features of examples: float32 `[examples, width]`, twice as wide for pairs as for texts."""
    distinct = list(dict.fromkeys(text for column in examples.columns for text in column))
    vectors = embed(distinct, system, progress)
    rows = {text: row for row, text in enumerate(distinct)}
    sides = [vectors[[rows[text] for text in column]] for column in examples.columns]
    return sides[0] if len(sides) == 1 else pair_features(*sides)


def embed(texts: Sequence[str], system: EmbeddingSystem, progress: Progress) -> Vectors:
    """Embed texts, a chunk of similar length per core: float32 `[texts, dimension]`, in their order."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    chunks = [order[start : start + CHUNK] for start in range(0, len(order), CHUNK)]
    task = progress.add_task(f"{system.name}: embedding", total=len(texts))
    parts = []
    with ThreadPoolExecutor(cores()) as threads:
        for chunk, part in zip(
            chunks, threads.map(lambda chunk: system.embed([texts[place] for place in chunk]), chunks), strict=True
        ):
            parts.append(part)
            progress.advance(task, len(chunk))
    vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
    vectors[order] = np.concatenate(parts)
    return vectors


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
