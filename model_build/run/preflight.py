"""Checks before the first stage, of anything that would stop a build hours later; nothing is written before."""

import numpy as np

from model_build.common.errors import TeacherError
from model_build.corpus.build import check_texts
from model_build.evaluation.tasks.registry import task_named
from model_build.export.from_onnx import check_shape
from model_build.export.gates import check_measured
from model_build.recipe import Recipe
from model_build.run.context import Context
from model_build.run.estimate import check_fits, least_bytes
from model_build.run.stage import DONE
from model_build.teacher.model import Teacher, folder_of, layers_of
from model_build.teacher.system import check_encoder
from model_build.vocabulary.pruning import prune


def preflight(context: Context) -> None:
    """Read all inputs of a run, and check them against the recipe.

    Raises:
        BuildError: something must be changed first.
    """
    recipe = context.recipe
    check_fits(recipe, context.sizes, vocabulary=0)
    _check_evaluation(context)
    if not (context.folder_of("corpus") / DONE).is_file():  # otherwise the files were read to their ends
        check_texts(recipe.corpus, context.files, context.data, context.excluded)
    _check_teacher(context.teacher, recipe)
    if context.initial is not None:
        check_shape(context.initial, recipe.student)
    tokens = context.candidate_tokens
    prune(tokens, np.zeros(max(tokens.values()) + 1), recipe.vocabulary.size)
    check_fits(recipe, context.sizes, least_bytes(tokens, recipe.vocabulary.size))


def _check_teacher(teacher: Teacher, recipe: Recipe) -> None:
    settings = recipe.teacher
    positions = getattr(teacher.model.config, "max_position_embeddings", settings.max_length)
    if settings.max_length > positions:
        raise TeacherError(f"teacher.max_length is {settings.max_length}; the teacher reads at most {positions} tokens")
    if settings.trainable_layers:
        layers_of(teacher, settings.trainable_layers, "teacher.trainable_layers")
    if settings.tasks:
        layers_of(teacher, settings.fine_tuning.layers, "teacher.fine_tuning.layers")


def _check_evaluation(context: Context) -> None:
    recipe = context.recipe
    for name in recipe.evaluation.tasks:
        task_named(name)
    check_measured(recipe.gates.quality, recipe.evaluation.tasks if context.is_measured else ())
    _ = context.validation
    if context.is_measured and recipe.evaluation.baselines:
        check_encoder(folder_of(recipe.teacher.model))
