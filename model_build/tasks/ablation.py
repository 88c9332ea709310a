"""Trains the arms of a plan, task by task and seed by seed, and compares them.

    RUN/TASK/01-teacher/ 02-vocabulary/    the first stages of a build
    RUN/TASK/arms/ARM/rate-R-seed-N.json   the dev accuracy of a training, and its decisions on test
    RUN/arms.md, arms.json                 the comparison

Finished trainings are not repeated. The test labels are read once, by the comparison.
"""

import copy
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from model_build.ablation.statistics import Difference, Estimate, estimate, paired_difference
from model_build.common.atomic import write_json
from model_build.common.errors import RecipeError
from model_build.common.log import Journal
from model_build.evaluation.metrics import accuracy
from model_build.recipe.arms import ArmsPlan
from model_build.recipe.task import TaskRecipe
from model_build.run.pipeline import JOURNAL, make_deterministic
from model_build.run.stage import Stage, StageModule, fingerprint, make_stages, run_stages
from model_build.tasks.arms import ARMS, Arm
from model_build.tasks.context import TaskContext
from model_build.tasks.finetune import EARLY, restore
from model_build.tasks.pipeline import preflight
from model_build.tasks.stages import teacher, vocabulary
from model_build.tasks.stages.distillation import body_of, lessons_of
from model_build.tasks.trainer import Lessons, distil, logits_of
from service.text.pair_row import Row

_SHARED: Mapping[str, StageModule[TaskContext]] = {"teacher": teacher, "vocabulary": vocabulary}


@dataclass(frozen=True)
class Training:
    """One training.

    Attributes:
        inputs: fingerprint of what decided it.
        dev: accuracy.
        test: number of the class of each test example; empty without a test split.
        seconds: of the training.
    """

    inputs: str
    dev: float
    test: list[int]
    seconds: float


@dataclass(frozen=True)
class ArmRow:
    """An arm on one task, or on all: accuracies over the seeds, and paired differences from its reference."""

    task: str
    arm: str
    rate: float | None
    seconds: float
    dev: Estimate
    test: Estimate | None
    against: str | None
    difference: Difference | None


class TaskArms:
    """The arms of one task."""

    def __init__(self, name: str, plan: ArmsPlan, data: Path, folder: Path, journal: Journal) -> None:
        planned = plan.tasks[name]
        unknown = sorted(set(planned.arms) - set(ARMS))
        if unknown:
            raise RecipeError(f"tasks.{name}.arms: there is no arm {unknown[0]!r}; the arms are {', '.join(ARMS)}")
        recipe = TaskRecipe(
            name=name, seed=plan.teacher_seed, task=planned.task, teacher=planned.teacher, student=planned.student
        )
        self.name, self.arms = name, {arm: ARMS[arm] for arm in planned.arms or ARMS}
        self._plan, self._folder, self._journal = plan, folder / name, journal
        self._context = TaskContext(recipe, data, self._folder, journal)

    def check(self) -> None:
        """Load what may be wrong.

        Raises:
            BuildError: the plan or the data must be changed first.
        """
        preflight(self._context)
        if self._context.recipe.task.labels != "classes":
            raise RecipeError(f"tasks.{self.name}.task.labels: the arms are compared by classes, not by grades")
        early = [name for name, arm in self.arms.items() if arm.early]
        if early and self._context.has_classifier:
            raise RecipeError(
                f"tasks.{self.name}.arms: {early[0]} needs a teacher that is fine-tuned here; leave it out for "
                f"{self._context.recipe.teacher.model}, which is a classifier already"
            )

    def run(self) -> None:
        """Fine-tune the teacher, and train every arm with every seed; what is done is not repeated."""
        marks = run_stages(make_stages(_SHARED, self._context), self._folder, self._journal)
        lessons, task = self._lessons(), self._context.task
        dev, test = ([] if split is None else self._context.rows(split) for split in (task.dev, task.test))
        train = partial(self._train, lessons, dev, test, marks["vocabulary"].fingerprint)
        for name, arm in self.arms.items():
            for rate in self._plan.rates:
                train(name, arm, self._plan.seeds[0], rate)
            for seed in self._plan.seeds:
                train(name, arm, seed, self.rate_of(name))

    def rate_of(self, arm: str) -> float:
        """The rate with the best dev accuracy with the first seed; of equals the lowest."""
        seed = self._plan.seeds[0]
        return max(sorted(self._plan.rates), key=lambda rate: self._load(arm, rate, seed).dev)

    def trainings(self, arm: str) -> list[Training]:
        """An arm's trainings at its rate, in the order of the seeds."""
        return [self._load(arm, self.rate_of(arm), seed) for seed in self._plan.seeds]

    def test_accuracies(self, arm: str) -> list[float] | None:
        """The arm's accuracies on test by seed; None without a test split."""
        split = self._context.task.test
        if split is None:
            return None
        expected = self._context.values("test")
        return [accuracy(np.array(one.test), expected) for one in self.trainings(arm)]

    def teacher_figures(self) -> Mapping[str, object]:
        """The teacher's accuracies by split."""
        return teacher.load_figures(self._context.folder_of("teacher"))

    def _train(
        self,
        lessons: Mapping[bool, Lessons],
        dev: Sequence[Row],
        test: Sequence[Row],
        before: str,
        name: str,
        arm: Arm,
        seed: int,
        rate: float,
    ) -> None:
        section = arm.recipe(self._plan.distillation, student_learning_rate=rate)
        inputs = fingerprint(before, Stage(name, section.model_dump(mode="json") | {"seed": seed}, lambda _: None))
        path = self._path(name, rate, seed)
        if path.exists() and self._load(name, rate, seed).inputs == inputs:
            return
        started = time.perf_counter()
        student = distil(body_of(self._context), lessons[arm.early], section, seed, self._journal)
        seconds = time.perf_counter() - started
        target, classes = self._context.target, self._context.target.outputs
        on_dev = target.quality(logits_of(student, dev, classes), self._context.values("dev"))
        on_test = logits_of(student, test, classes).argmax(1).tolist() if test else []
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, asdict(Training(inputs, on_dev, on_test, round(seconds, 1))))
        self._journal.event("arms", "trained", task=self.name, arm=name, rate=rate, seed=seed, dev=on_dev)

    def _lessons(self) -> dict[bool, Lessons]:
        """What is learned from, by whether the teacher was stopped early."""
        context, task = self._context, self._context.task
        lessons = lessons_of(context, context.rows(*task.lessons))
        if not any(arm.early for arm in self.arms.values()):
            return {False: lessons}
        stopped = restore(copy.deepcopy(context.teacher), context.folder_of("teacher") / EARLY)
        outputs = stopped.read(lessons.teacher_rows, self._journal)
        return {False: lessons, True: replace(lessons, teacher=stopped, outputs=outputs)}

    def _path(self, arm: str, rate: float, seed: int) -> Path:
        return self._folder / "arms" / arm / f"rate-{rate:g}-seed-{seed}.json"

    def _load(self, arm: str, rate: float, seed: int) -> Training:
        return Training(**json.loads(self._path(arm, rate, seed).read_text(encoding="utf-8")))


def run_arms(plan: ArmsPlan, data: Path, folder: Path) -> tuple[list[ArmRow], dict[str, Mapping[str, object]]]:
    """Train what is not trained yet, and compare. Returns the rows, and the teachers' accuracies by task and split.

    Raises:
        BuildError: the plan or the data must be changed first.
    """
    make_deterministic(plan.threads)
    journal = Journal(folder / JOURNAL)
    tasks = [TaskArms(name, plan, data, folder, journal) for name in plan.tasks]
    for task in tasks:
        task.check()
    for task in tasks:
        task.run()
    return compare(tasks), {task.name: task.teacher_figures() for task in tasks}


def compare(tasks: Sequence[TaskArms]) -> list[ArmRow]:
    """Compare the arms on each task, then pooled: by seed, the mean over the tasks that have both arms."""
    rows = [_row(task, arm) for task in tasks for arm in task.arms]
    for name, arm in ARMS.items():
        shared = [task for task in tasks if name in task.arms and (arm.against is None or arm.against in task.arms)]
        if len(shared) > 1:
            rows.append(_pooled(shared, name, arm))
    return rows


def _row(task: TaskArms, name: str) -> ArmRow:
    trainings, test, against = task.trainings(name), task.test_accuracies(name), ARMS[name].against
    reference = task.test_accuracies(against) if against in task.arms else None
    return ArmRow(
        task=task.name,
        arm=name,
        rate=task.rate_of(name),
        seconds=float(np.mean([one.seconds for one in trainings])),
        dev=estimate([one.dev for one in trainings]),
        test=None if test is None else estimate(test),
        against=against,
        difference=paired_difference(test, reference) if test and reference else None,
    )


def _pooled(tasks: Sequence[TaskArms], name: str, arm: Arm) -> ArmRow:
    def by_seed(which: str) -> list[float] | None:
        found = [task.test_accuracies(which) for task in tasks]
        measured = [one for one in found if one is not None]
        return [float(np.mean(one)) for one in zip(*measured, strict=True)] if len(measured) == len(tasks) else None

    dev = [[one.dev for one in task.trainings(name)] for task in tasks]
    test, reference = by_seed(name), None if arm.against is None else by_seed(arm.against)
    return ArmRow(
        task=f"all {len(tasks)}",
        arm=name,
        rate=None,
        seconds=float(np.mean([one.seconds for task in tasks for one in task.trainings(name)])),
        dev=estimate([float(np.mean(one)) for one in zip(*dev, strict=True)]),
        test=None if test is None else estimate(test),
        against=arm.against,
        difference=paired_difference(test, reference) if test and reference else None,
    )
