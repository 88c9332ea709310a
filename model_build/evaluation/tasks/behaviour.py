"""Behaviour: predict a user's next item by the cosine of its text with the texts of the history; HR@10.

An item's text is its title and, where the catalogue has them, its genres or author.

A user's vector is the sum of the last 20 history items, weighted 0.8^age; the newest has age 0. The next item is
ranked among 99 negatives, drawn uniformly from the catalogue or, harder, by popularity.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import DataError
from model_build.common.systems import EmbeddingSystem, System, Vectors, unit_rows
from model_build.common.tsv import read_table
from model_build.evaluation.metrics import hits_at_k
from model_build.evaluation.tasks.base import BENCHMARK, TaskMetric, mean_of, sample

HISTORY = 20
DECAY = 0.8
SPLIT = "rerank_test"


@dataclass(frozen=True)
class Step:
    """A user's next step; items are indices into the catalogue, int64.

    The history is oldest first, with at least one item; negatives are drawn uniformly, and by popularity.
    """

    user: str
    history: NDArray[np.int64]
    target: int
    uniform: NDArray[np.int64]
    popular: NDArray[np.int64]


@dataclass(frozen=True)
class BehaviourProblem:
    """Next steps of users over a catalogue, given by its items' texts."""

    items: tuple[str, ...]
    steps: tuple[Step, ...]

    def measure(self, system: System) -> tuple[TaskMetric, ...]:
        """HR@10 among popular and among uniform negatives; empty for a system without vectors."""
        if not isinstance(system, EmbeddingSystem):
            return ()
        needed = np.unique(np.concatenate([_items(step) for step in self.steps]))
        embedded = system.embed([self.items[row] for row in needed])
        vectors = np.zeros((len(self.items), embedded.shape[1]), dtype=np.float32)
        vectors[needed] = embedded
        users = unit_rows(np.stack([user_vector(vectors[step.history]) for step in self.steps]))
        targets = np.einsum("sd,sd->s", users, vectors[[step.target for step in self.steps]])
        popular = _scores(users, vectors, [step.popular for step in self.steps])
        uniform = _scores(users, vectors, [step.uniform for step in self.steps])
        return (
            _outcome("HR@10, popular negatives", hits_at_k(targets, popular), headline=True),
            _outcome("HR@10, uniform negatives", hits_at_k(targets, uniform), headline=False),
        )


@dataclass(frozen=True)
class BehaviourTask:
    """A set in `benchmark/behaviour/<name>`: `items` and `rerank_test`; some of the items' columns make their texts."""

    name: str
    columns: tuple[str, ...] = ("title",)

    def load(self, data: Path, *, limit: int | None, seed: int) -> BehaviourProblem:
        """Read the catalogue and the test users' steps."""
        folder = data / BENCHMARK / "behaviour" / self.name
        items = read_table(folder / "items.tsv.xz", ("item_id", *self.columns))
        rows = {item[0]: row for row, item in enumerate(items)}
        path = folder / f"{SPLIT}.tsv.xz"
        columns = ("user", "history_item_ids_old_to_new", "target_item_id", "neg99_uniform", "neg99_popularity")
        try:
            steps = [_step(cells, rows) for cells in read_table(path, columns)]
        except KeyError as error:
            raise DataError(f"{path} names the item {error}, which {folder / 'items.tsv.xz'} lacks") from None
        if not steps:
            raise DataError(f"{path} has no rows")
        texts = tuple(" ".join(part for part in item[1:] if part) for item in items)
        return BehaviourProblem(texts, tuple(sample(steps, limit, seed)))


def user_vector(history: Vectors) -> Vectors:
    """The weighted sum of the vectors of a user's last items: `[items, dimension]`, oldest first -> `[dimension]`."""
    recent = history[-HISTORY:]
    weights = DECAY ** np.arange(len(recent) - 1, -1, -1, dtype=np.float32)
    return np.asarray(weights @ recent, dtype=np.float32)


def _step(cells: tuple[str, ...], rows: dict[str, int]) -> Step:
    user, *lists = cells
    history, target, uniform, popular = (np.array([rows[key] for key in cell.split()], np.int64) for cell in lists)
    return Step(user=user, history=history[-HISTORY:], target=int(target[0]), uniform=uniform, popular=popular)


def _items(step: Step) -> NDArray[np.int64]:
    return np.concatenate([step.history, [step.target], step.uniform, step.popular])


def _scores(users: Vectors, vectors: Vectors, negatives: list[NDArray[np.int64]]) -> NDArray[np.float32]:
    return np.stack([vectors[rows] @ user for user, rows in zip(users, negatives, strict=True)])


def _outcome(metric: str, hits: NDArray[np.float64], *, headline: bool) -> TaskMetric:
    return TaskMetric(metric, SPLIT, len(hits), mean_of(hits), headline)


BEHAVIOUR_TASKS = (
    BehaviourTask("amazon_office"),
    BehaviourTask("ml_latest_small", ("title", "genres")),
    BehaviourTask("online_retail"),
    BehaviourTask("ml100k", ("title", "genres")),
    BehaviourTask("bookcrossing", ("title", "author")),
)
