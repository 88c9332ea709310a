"""Embed a large corpus: in order of length, in shards that survive an interruption."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from model_build.common.atomic import durable_file
from model_build.common.batching import batches_by_length, pad
from model_build.common.device import brought_back, compute_device
from model_build.common.log import Journal
from model_build.recipe import TeacherRecipe
from model_build.teacher.model import Teacher, precision, tokenize
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

    An interrupted call resumes at its shard, whoever works.
    """
    rows = tokenize(teacher, texts, recipe.max_length)
    batches = batches_by_length([len(row) for row in rows], recipe.batch_texts)
    with precision(teacher.model, recipe.precision), brought_back(teacher.model):
        shape = len(rows), teacher.dimension
        _write(_TeacherEmbed(teacher), rows.__getitem__, batches, shape, folder, journal, workers)


def embed_with(
    embed: Embed,
    texts: Sequence[str],
    lengths: Sequence[int],
    batch_texts: int,
    folder: Path,
    journal: Journal,
    workers: Workers = _THIS_PROCESS,
) -> None:
    """Do the same with another encoder; `lengths` orders the texts."""
    shape = len(texts), embed([_PROBE]).shape[1]
    _write(embed, texts.__getitem__, batches_by_length(lengths, batch_texts), shape, folder, journal, workers)


def _write(
    embed: Embed,
    item_at: Callable[[int], Any],
    batches: Sequence[Sequence[int]],
    shape: tuple[int, int],
    folder: Path,
    journal: Journal,
    workers: Workers,
) -> None:
    """Write vectors of a shape to a folder, with a marker of finished shards; `item_at` gives what `embed` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / SHARDS_DONE
    done = int(marker.read_text()) if marker.exists() else 0
    mode = "r+" if done else "w+"
    vectors = np.lib.format.open_memmap(folder / VECTORS, mode=mode, dtype=np.float16, shape=shape)
    ends = [round(len(batches) * shard / SHARDS) for shard in range(SHARDS + 1)]
    pending = batches[ends[done] :]
    items = ([item_at(index) for index in batch] for batch in pending)
    embedded = zip(pending, workers.map(embed, items), strict=True)
    with journal.bar("teacher vectors", len(batches), ends[done]) as bar:
        for shard in range(done, SHARDS):
            for batch, rows in islice(embedded, ends[shard + 1] - ends[shard]):
                vectors[batch] = rows
                bar.advance()
            vectors.flush()
            with durable_file(marker) as file:
                file.write(str(shard + 1).encode())


@dataclass(frozen=True)
class _TeacherEmbed:
    """Embeds rows of the teacher's token ids: float16 `[rows, width]`, unit rows."""

    teacher: Teacher

    @property
    def on_gpu(self) -> bool:
        """Use a GPU where there is one."""
        return True

    @torch.inference_mode()
    def __call__(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float16]:
        model = self.teacher.model.to(compute_device())  # type: ignore[arg-type]
        ids, mask = pad(rows, self.teacher.tokenizer.pad_token_id, model.device)
        hidden = model(ids, attention_mask=mask).last_hidden_state.float()
        vectors: NDArray[np.float16] = F.normalize(self.teacher.pooling(hidden, mask), dim=-1).half().cpu().numpy()
        return vectors
