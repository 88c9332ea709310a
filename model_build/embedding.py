"""Texts embedded by the hundred thousand: in the order of their lengths, in shards that survive a stop."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from model_build.durable import durable_file
from model_build.evaluation.system import EmbeddingSystem
from model_build.journal import Journal
from model_build.recipe import TeacherRecipe
from model_build.teacher import Teacher, pad, precision, tokenize

VECTORS, SHARDS_DONE = "vectors.npy", "shards_done.txt"
SHARDS = 50
_PROBE = "a text"

Embed = Callable[[Sequence[int]], NDArray[np.floating]]


def embed_texts(teacher: Teacher, texts: Sequence[str], recipe: TeacherRecipe, folder: Path, journal: Journal) -> None:
    """Write the teacher's unit vectors to `folder/vectors.npy`, float16 `[texts, width]`.

    A stopped call goes on at the shard it was at.
    """
    rows = tokenize(teacher, texts, recipe.max_length)

    def embed(places: Sequence[int]) -> NDArray[np.floating]:
        return _embed(teacher, [rows[place] for place in places])

    batches = _batches([len(row) for row in rows], recipe.batch_texts)
    with precision(teacher.model, recipe.precision):
        _write(embed, batches, (len(rows), teacher.dimension), folder, journal)


def embed_texts_beside(
    system: EmbeddingSystem,
    texts: Sequence[str],
    lengths: Sequence[int],
    batch_texts: int,
    folder: Path,
    journal: Journal,
) -> None:
    """The same with another system's vectors, `batch_texts` texts at a time, the shortest by `lengths` first."""

    def embed(places: Sequence[int]) -> NDArray[np.floating]:
        return system.embed([texts[place] for place in places])

    width = system.embed([_PROBE]).shape[1]
    _write(embed, _batches(lengths, batch_texts), (len(texts), width), folder, journal)


def _batches(lengths: Sequence[int], batch_texts: int) -> list[list[int]]:
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [order[start : start + batch_texts] for start in range(0, len(order), batch_texts)]


def _write(embed: Embed, batches: list[list[int]], shape: tuple[int, int], folder: Path, journal: Journal) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / SHARDS_DONE
    done = int(marker.read_text()) if marker.exists() else 0
    vectors = np.lib.format.open_memmap(folder / VECTORS, mode="r+" if done else "w+", dtype=np.float16, shape=shape)
    ends = [round(len(batches) * (shard + 1) / SHARDS) for shard in range(SHARDS)]
    with journal.bar("teacher vectors", len(batches), ends[done - 1] if done else 0) as bar:
        for shard in range(done, SHARDS):
            for batch in batches[ends[shard - 1] if shard else 0 : ends[shard]]:
                vectors[batch] = embed(batch)
                bar.advance()
            vectors.flush()
            with durable_file(marker) as file:
                file.write(str(shard + 1).encode())


@torch.inference_mode()
def _embed(teacher: Teacher, rows: Sequence[Sequence[int]]) -> NDArray[np.float16]:
    ids, mask = pad(rows, teacher.tokenizer.pad_token_id)
    hidden = teacher.model(ids, attention_mask=mask).last_hidden_state.float()
    vectors: NDArray[np.float16] = F.normalize(teacher.pooling(hidden, mask), dim=-1).half().numpy()
    return vectors
