import pickle
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model_build.common.log import Journal
from model_build.recipe import TeacherRecipe
from model_build.teacher.embed import SHARDS_DONE, VECTORS, embed_texts
from model_build.teacher.model import Teacher
from model_build.teacher.workers import Embed
from tests.model_build.materials import texts

RECIPE = TeacherRecipe(model="unused", max_length=32, batch_texts=8, precision="float32")


class Elsewhere:
    """Workers as another process's: what they are sent is pickled. They are lost after so many batches."""

    def __init__(self, lost_after: int | None = None) -> None:
        self.lost_after = lost_after
        self.embedded = 0

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]]) -> Iterator[NDArray[np.floating]]:
        assert embed.on_gpu
        held = pickle.loads(pickle.dumps(embed))
        for batch in batches:
            if self.embedded == self.lost_after:
                raise ConnectionError("the cluster is gone")
            self.embedded += 1
            yield held(pickle.loads(pickle.dumps(batch)))


def embed(teacher: Teacher, folder: Path, *workers: Elsewhere) -> np.ndarray:
    embed_texts(teacher, texts(600), RECIPE, folder, Journal(folder / "journal.jsonl"), *workers)
    return np.asarray(np.load(folder / VECTORS))


def test_others_embed_as_this_process_does(teacher: Teacher, tmp_path: Path) -> None:
    assert np.array_equal(embed(teacher, tmp_path / "here"), embed(teacher, tmp_path / "there", Elsewhere()))


def test_workers_that_are_lost_leave_their_shards_to_the_next(teacher: Teacher, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        embed(teacher, tmp_path / "there", Elsewhere(lost_after=40))
    done = int((tmp_path / "there" / SHARDS_DONE).read_text())
    assert 0 < done < 50
    rest = Elsewhere()
    assert np.array_equal(embed(teacher, tmp_path / "there", rest), embed(teacher, tmp_path / "here"))
    assert rest.embedded == 75 - round(75 * done / 50)
