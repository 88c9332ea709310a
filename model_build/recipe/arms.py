"""The plan of an ablation of task models: the tasks, the arms and what all arms share."""

from typing import Annotated

from pydantic import Field

from model_build.recipe.base import Count, Positive, Rate, Section
from model_build.recipe.task import TablesRecipe, TaskDistillationRecipe, TaskStudentRecipe, TaskTeacherRecipe


class PlannedTask(Section):
    """A task of the plan.

    Attributes:
        task: its tables.
        teacher: the classifier to compress.
        student: the student.
        arms: names of the arms; all by default.
    """

    task: TablesRecipe
    teacher: TaskTeacherRecipe
    student: TaskStudentRecipe
    arms: tuple[str, ...] = ()


class ArmsPlan(Section):
    """The plan.

    Attributes:
        name: of the run.
        seeds: of the students; the same ones for all arms.
        rates: learning rates of the student that are tried on dev, with the first seed.
        teacher_seed: of the splits and of the teachers' fine-tuning.
        threads: CPU threads.
        distillation: what all arms share.
        tasks: by name.
    """

    name: str
    seeds: Annotated[tuple[Count, ...], Field(min_length=2)] = (1, 2, 3, 4, 5)
    rates: Annotated[tuple[Rate, ...], Field(min_length=1)] = (5e-4, 1e-3, 2e-3)
    teacher_seed: Count = 17
    threads: Positive = 2
    distillation: TaskDistillationRecipe = TaskDistillationRecipe(qat_fraction=0.0)
    tasks: Annotated[dict[str, PlannedTask], Field(min_length=1)]
