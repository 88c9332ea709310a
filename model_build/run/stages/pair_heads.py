"""What a build tells of its teacher's tasks: `heads.json`, and the head that it publishes beside the artifact."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from model_build.common.tsv import find_files
from model_build.evaluation.systems.artifact import artifact_system
from model_build.pair_tasks import (
    TASKS,
    TEACHER,
    HeadRow,
    PairTasks,
    as_linear,
    compare_heads,
    fine_tuned,
    load_head,
    measure_heads,
    publish_reused,
)
from model_build.run.context import ARTIFACT, Materials
from model_build.run.stage import write_json
from model_build.student.fuse import device_pair_head, lift
from model_build.student.model import Student
from model_build.teacher.embed import VECTORS, embed_texts
from model_build.teacher.pair_head import PairHead
from service.artifact.artifact import Figure, Manifest, load_artifact

HEADS, TABLE = "heads", "heads.json"


@dataclass(frozen=True)
class PairReport:
    """The tasks of one run.

    Attributes:
        run: what its stages read.
        tasks: the pairs that the teacher was fine-tuned on.
        student: as distillation left it.
    """

    run: Materials
    tasks: PairTasks
    student: Student

    def measure(self, place: Path) -> None:
        """Write `heads.json`: the teacher's heads on its own and on the device's vectors, and fitted heads."""
        run, seed = self.run, self.run.recipe.seed
        artifact = load_artifact(run.place_of("artifact") / ARTIFACT)
        system = artifact_system(artifact)
        table = compare_heads(system, self._device_head(), self.tasks, run.tests, seed)
        if run.tests:
            before, recipe = run.place_of("teacher"), run.recipe.teacher
            teacher = fine_tuned(run.teacher, self.tasks, recipe, seed, before, run.journal)
            embed_texts(teacher, run.tests.texts, recipe, place / TASKS, run.journal)
            vectors = np.load(place / TASKS / VECTORS).astype(np.float32)
            own = {name: as_linear(load_head(before), number) for number, name in enumerate(self.tasks.names)}
            table += measure_heads("test", vectors, run.tests, {TEACHER: own}, seed)
        for row in table:
            run.journal.event("evaluation", "judged", **asdict(row))
        write_json(place / TABLE, [asdict(row) for row in table])

    def figures(self) -> tuple[Figure, ...]:
        """What the artifact's manifest and card tell: the accuracies of the heads on its vectors."""
        own = [row for row in self._table() if row.head != TEACHER]
        return tuple(
            Figure(
                task=f"{row.task}, {row.head}",
                metric="accuracy",
                value=row.accuracy,
                split=row.split,
                examples=row.pairs,
            )
            for row in own
        )

    def publish(self, manifest: Manifest, place: Path) -> None:
        """Write the first task's head, as the teacher had it, to a folder of its name below `heads`.

        Args:
            manifest: of the artifact.
            place: where `heads` goes.
        """
        run = self.run
        publish_reused(
            self._device_head(),
            self.tasks,
            manifest,
            find_files(run.recipe.teacher.tasks[0].files, run.data),
            self._table(),
            place / HEADS / self.tasks.names[0],
            run.recipe.seed,
        )

    def _table(self) -> list[HeadRow]:
        rows = json.loads((self.run.place_of("evaluation") / TABLE).read_text(encoding="utf-8"))
        return [HeadRow(**row) for row in rows]

    def _device_head(self) -> PairHead:
        assert self.student.pair_head is not None  # noqa: S101 (narrows the type)
        return device_pair_head(self.student.pair_head, lift(self.student))
