"""05-distillation: train the student, and the teacher with it.

Writes `student.pt`, `curve.json`, and while it runs `checkpoint.pt`.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from model_build.common.atomic import write_json
from model_build.corpus.build import Corpus
from model_build.distillation.data import Examples
from model_build.distillation.distributed import Processes
from model_build.distillation.pair_batches import PairValidator, SupervisedPairs, supervised_pairs
from model_build.distillation.trainer import CrossDistillation
from model_build.distillation.validation import Validator
from model_build.quantization.schemes import schemes_of
from model_build.recipe import Recipe
from model_build.run.context import Context
from model_build.run.stages.student import load_student
from model_build.student.fuse import DeviceStudent, fuse, shorten
from model_build.student.init import fit_adapter
from model_build.student.model import Student
from model_build.teacher.finetune import load_classifier
from model_build.teacher.model import Teacher
from model_build.teacher.targets import LiveVectors, heldout_targets, load_projection, load_vectors


def inputs(context: Context) -> dict[str, object]:
    """As `distillation_inputs`."""
    return distillation_inputs(context.recipe)


def distillation_inputs(recipe: Recipe) -> dict[str, object]:
    """The recipe's section, and the schemes for quantization-aware training."""
    found = recipe.distillation.model_dump(mode="json")
    if recipe.distillation.qat_fraction:
        found["schemes"] = schemes_of(recipe.quantization)
    return found


def run(context: Context, folder: Path) -> None:
    """Train; in several processes, all take part and the leader writes."""
    student, teacher_folder = load_student(context), context.folder_of("teacher")
    if context.initial is not None:
        fit_adapter(student, context.rows, load_vectors(teacher_folder))
    training = cross_distillation(
        context.recipe,
        student,
        context.teacher,
        context.corpus,
        context.rows,
        teacher_folder,
        _supervised(context),
        context.processes,
    )
    curve = training.run(folder, _validator(context), context.journal)
    if context.processes.is_leader:
        torch.save(student.state_dict(), folder / "student.pt")
        write_json(folder / "curve.json", curve)


def cross_distillation(
    recipe: Recipe,
    student: Student,
    teacher: Teacher,
    corpus: Corpus,
    rows: Sequence[Sequence[int]],
    teacher_folder: Path,
    supervised: SupervisedPairs | None = None,
    processes: Processes | None = None,
) -> CrossDistillation:
    """Join a student and its teacher for training, both in place; the recipe's seed decides the batches.

    `teacher_folder` holds the teacher's vectors and projection.
    """
    anchor = load_vectors(teacher_folder)
    vectors = LiveVectors(teacher, corpus.texts, recipe.teacher) if recipe.teacher.trainable_layers else anchor
    return CrossDistillation(
        student,
        load_projection(teacher_folder),
        Examples(rows, corpus.pairs, vectors, anchor),
        recipe.distillation,
        recipe.seed,
        schemes_of(recipe.quantization),
        supervised,
        processes,
    )


def load_distilled(context: Context) -> Student:
    """Load the trained student."""
    student = load_student(context)
    student.load_state_dict(torch.load(context.folder_of("distillation") / "student.pt", weights_only=True))
    return student.eval()


def load_device_student(context: Context) -> DeviceStudent:
    """Load the trained student in the device's form, in fp32."""
    return shorten(fuse(load_distilled(context)), context.recipe.device_max_length)


def _validator(context: Context) -> Validator:
    targets = heldout_targets(context.folder_of("teacher"), len(context.corpus.heldout))
    tokenize = partial(context.tokenize, max_length=context.recipe.device_max_length)
    pairs = PairValidator(context.tasks, tokenize) if context.tasks else None
    return Validator(context.heldout_rows, targets, tokenize, context.validation, pairs)


def _supervised(context: Context) -> SupervisedPairs | None:
    if not context.tasks:
        return None
    folder = context.folder_of("teacher")
    tokenize = partial(context.tokenize, max_length=context.recipe.student.max_length)
    return supervised_pairs(context.tasks, context.corpus.texts, tokenize, load_classifier(folder), folder)
