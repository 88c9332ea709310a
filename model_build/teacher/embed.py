"""Texts embedded by the hundred thousand: in the order of their lengths, in shards that survive a stop."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from model_build.common.atomic import durable_file
from model_build.common.device import brought_back, compute_device
from model_build.common.log import Journal
from model_build.recipe import TeacherRecipe
from model_build.teacher.model import Teacher, pad, precision, tokenize
from model_build.teacher.workers import Embed, ThisProcess, Workers

VECTORS, SHARDS_DONE = "vectors.npy", "shards_done.txt"
SHARDS = 50
_PROBE = "a text"
_THIS_PROCESS = ThisProcess()


def embed_texts(
    teacher: Teacher,
    texts: Sequence[str],
    recipe: TeacherRecipe,
    folder: Path,
    journal: Journal,
    workers: Workers = _THIS_PROCESS,
) -> None:
    """Write the teacher's unit vectors to `folder/vectors.npy`, float16 `[texts, width]`.

    A stopped call goes on at the shard it was at, whoever works.
    """
    rows = tokenize(teacher, texts, recipe.max_length)
    batches = _batches([len(row) for row in rows], recipe.batch_texts)
    with precision(teacher.model, recipe.precision), brought_back(teacher.model):
        write = _Writing(_TeacherEmbed(teacher), rows.__getitem__, batches, (len(rows), teacher.dimension))
        write(folder, journal, workers)


def embed_texts_beside(
    embed: Embed,
    texts: Sequence[str],
    lengths: Sequence[int],
    batch_texts: int,
    folder: Path,
    journal: Journal,
    workers: Workers = _THIS_PROCESS,
) -> None:
    """The same with another encoder's vectors, `batch_texts` texts at a time, the shortest by `lengths` first."""
    width = embed([_PROBE]).shape[1]
    write = _Writing(embed, texts.__getitem__, _batches(lengths, batch_texts), (len(texts), width))
    write(folder, journal, workers)


def _batches(lengths: Sequence[int], batch_texts: int) -> list[list[int]]:
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [order[start : start + batch_texts] for start in range(0, len(order), batch_texts)]


@dataclass(frozen=True)
class _Writing:
    """Vectors on their way to a file.

    Attributes:
        embed: a batch's vectors.
        text_at: the text at a place, in the form that `embed` takes.
        batches: places of texts.
        shape: of all vectors.
    """

    embed: Embed
    text_at: Callable[[int], Any]
    batches: Sequence[Sequence[int]]
    shape: tuple[int, int]

    def __call__(self, folder: Path, journal: Journal, workers: Workers) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        marker = folder / SHARDS_DONE
        done = int(marker.read_text()) if marker.exists() else 0
        mode = "r+" if done else "w+"
        vectors = np.lib.format.open_memmap(folder / VECTORS, mode=mode, dtype=np.float16, shape=self.shape)
        ends = [round(len(self.batches) * shard / SHARDS) for shard in range(SHARDS + 1)]
        pending = self.batches[ends[done] :]
        embedded = zip(pending, workers.map(self.embed, self._texts(pending)), strict=True)
        with journal.bar("teacher vectors", len(self.batches), ends[done]) as bar:
            for shard in range(done, SHARDS):
                for batch, rows in islice(embedded, ends[shard + 1] - ends[shard]):
                    vectors[batch] = rows
                    bar.advance()
                vectors.flush()
                with durable_file(marker) as file:
                    file.write(str(shard + 1).encode())

    def _texts(self, batches: Sequence[Sequence[int]]) -> Iterator[list[Any]]:
        return ([self.text_at(place) for place in batch] for batch in batches)


@dataclass(frozen=True)
class _TeacherEmbed:
    """The teacher's unit vectors of rows of its token ids, float16 `[rows, width]`."""

    teacher: Teacher

    @property
    def on_gpu(self) -> bool:
        """Always, where there is one."""
        return True

    @torch.inference_mode()
    def __call__(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float16]:
        model = self.teacher.model.to(compute_device())  # type: ignore[arg-type]
        ids, mask = pad(rows, self.teacher.tokenizer.pad_token_id, model.device)
        hidden = model(ids, attention_mask=mask).last_hidden_state.float()
        vectors: NDArray[np.float16] = F.normalize(self.teacher.pooling(hidden, mask), dim=-1).half().cpu().numpy()
        return vectors
