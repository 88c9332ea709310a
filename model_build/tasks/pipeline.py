"""The build of a task model, from recipe to artifact: its stages in order, and how they are run.

01-teacher       the fine-tuned teacher, and what it says
02-vocabulary    the pruned vocabulary
03-distillation  the trained student
04-artifact      the artifact, calibrated and measured
05-pack          adapters and a head for the released encoder, if the recipe has them
06-comparison    a head on the released encoder, the pack and the model, as they are served
07-report        the report
"""

from collections.abc import Mapping
from pathlib import Path

import torch

from model_build.common.errors import RecipeError
from model_build.common.log import Journal
from model_build.export.artifact import publish
from model_build.export.gates import check_budget
from model_build.quantization.rounding import GROUP, Format
from model_build.quantization.schemes import format_of, matrices, module_schemes, schemes_of
from model_build.recipe import MIN_VOCABULARY
from model_build.recipe.task import TaskRecipe
from model_build.run.context import ARTIFACT
from model_build.run.pipeline import JOURNAL, make_deterministic
from model_build.run.stage import StageModule, make_stages, refuse_earlier_run, run_stages
from model_build.tasks.context import TaskContext
from model_build.tasks.stages import artifact, comparison, distillation, pack, report, teacher, vocabulary
from model_build.tasks.student import initial_body
from service.artifact.artifact import Artifact, load_artifact

STAGES: Mapping[str, StageModule[TaskContext]] = {
    "teacher": teacher,
    "vocabulary": vocabulary,
    "distillation": distillation,
    "artifact": artifact,
    "pack": pack,
    "comparison": comparison,
    "report": report,
}


def run_task_build(recipe: TaskRecipe, data: Path, folder: Path, *, destination: Path, resume: bool) -> Artifact:
    """Build a task model and publish it.

    Args:
        recipe: everything that decides the result.
        data: the folder with the tables.
        folder: for the stages.
        destination: for the artifact.
        resume: continue the run in `folder`.

    Raises:
        BuildError: the recipe, the data or the folder must be changed first; `destination` is unchanged. What can be
            checked before the first stage is, and then nothing is written.
    """
    refuse_earlier_run(folder, resume=resume)
    make_deterministic(recipe.threads)
    journal = Journal(folder / JOURNAL)
    context = TaskContext(recipe, data, folder, journal)
    preflight(context)
    stages = make_stages(STAGES, context)
    journal.event("run", "started", recipe=recipe.name, seed=recipe.seed)
    run_stages(stages, folder, journal)
    publish(context.folder_of("artifact") / ARTIFACT, destination)
    made = load_artifact(destination)
    revision, device_bytes = made.manifest.revision, made.manifest.device_bytes
    journal.event("run", "published", artifact=str(destination), revision=revision, device_bytes=device_bytes)
    return made


def preflight(context: TaskContext) -> None:
    """Load everything that may be wrong, before anything long.

    Raises:
        BuildError: the user must change something.
    """
    _ = context.task, context.start
    if context.recipe.task.labels == "teacher" and not context.has_classifier:
        raise RecipeError(
            f"task.labels = teacher needs a teacher that gives a number, such as a cross-encoder; "
            f"{context.recipe.teacher.model} is an encoder"
        )
    if context.recipe.teacher.pairs == "apart" and (context.has_classifier or context.task.kind == "text"):
        what = "a classifier" if context.has_classifier else "for texts alone"
        raise RecipeError(
            f"teacher.pairs = apart is for encoders that read pairs; {context.recipe.teacher.model} is {what}"
        )
    positions = getattr(context.teacher.encoder.config, "max_position_embeddings", None)
    if positions is not None and context.recipe.teacher.max_length > positions:
        raise RecipeError(
            f"teacher.max_length is {context.recipe.teacher.max_length}; {context.recipe.teacher.model} reads at most "
            f"{positions} tokens"
        )
    size, released = context.recipe.student.vocabulary_size, len(context.released_tokens)
    if size is not None and not MIN_VOCABULARY <= size <= released:
        raise RecipeError(
            f"student.vocabulary_size is {size:,}; it must be between {MIN_VOCABULARY} and {released:,}, the tokens of "
            "student.init_from"
        )
    _check_bytes(context, size or released)


def _check_bytes(context: TaskContext, size: int) -> None:
    """Check that a student of so many tokens can be stored by the recipe's schemes, within its budget.

    Raises:
        RecipeError: a layer has no groups of columns for 4 bits.
        BudgetError: it would exceed the budget.
    """
    recipe, schemes = context.recipe, schemes_of(context.recipe.quantization)
    body = initial_body(context.start, torch.arange(size), max_length=recipe.student.max_length, segments=1)
    for module, layers in matrices(body).items():
        for name, layer in layers:
            columns = layer.get_parameter("weight").shape[1]
            if format_of(name, schemes[module]) is Format.INT4_GROUPED and columns % GROUP:
                raise RecipeError(
                    f"quantization.{module} = int4 needs rows of a multiple of {GROUP} numbers; {name} has {columns}"
                )
    vocabulary = sum(len(token.encode()) + 1 for token in context.released_tokens[:size])
    weights = sum(one.bytes for one in module_schemes(body, schemes).values())
    advice = "store more in int4, or set a lower student.vocabulary_size"
    check_budget(weights + vocabulary, recipe.gates.byte_budget, advice)
