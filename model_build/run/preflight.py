"""What would stop a build after hours, told before it begins: nothing is written before all of this holds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model_build.common.errors import TeacherError
from model_build.corpus.build import check_texts
from model_build.evaluation.tasks.registry import task_named
from model_build.export.from_onnx import check_shape
from model_build.export.gates import check_measured
from model_build.recipe import Recipe
from model_build.run.budget import check_fits, least_bytes
from model_build.run.context import Materials
from model_build.run.stage import DONE
from model_build.teacher.model import Teacher, folder_of, layers_of
from model_build.teacher.system import check_encoder
from model_build.vocabulary import pruning as vocabulary


def preflight(materials: Materials, files: Sequence[Path]) -> None:
    """Read all that a run reads, and hold it against the recipe.

    Args:
        materials: of the run.
        files: the training texts'.

    Raises:
        BuildError: something must be mended first; the message says what.
    """
    recipe = materials.recipe
    check_fits(recipe, materials.sizes, vocabulary=0)
    _check_evaluation(materials)
    if not (materials.place_of("corpus") / DONE).is_file():  # if it is there, its files were read to their ends
        check_texts(recipe.corpus, files, materials.data, materials.excluded)
    _check_teacher(materials.teacher, recipe)
    if materials.start is not None:
        check_shape(materials.start, recipe.student)
    known = materials.known_pieces
    vocabulary.prune(known, np.zeros(max(known.values()) + 1), recipe.vocabulary.size)
    check_fits(recipe, materials.sizes, least_bytes(known, recipe.vocabulary.size))


def _check_teacher(teacher: Teacher, recipe: Recipe) -> None:
    asked = recipe.teacher
    places = getattr(teacher.model.config, "max_position_embeddings", asked.max_length)
    if asked.max_length > places:
        raise TeacherError(f"teacher.max_length is {asked.max_length}; the teacher reads at most {places} pieces")
    if asked.trainable_layers:
        layers_of(teacher, asked.trainable_layers, "teacher.trainable_layers")
    if asked.tasks:
        layers_of(teacher, asked.fine_tuning.layers, "teacher.fine_tuning.layers")


def _check_evaluation(materials: Materials) -> None:
    """The evaluation comes last: what it lacks would be found out last."""
    recipe = materials.recipe
    for name in recipe.evaluation.tasks:
        task_named(name)
    check_measured(recipe.gates.quality, recipe.evaluation.tasks if materials.measured else ())
    _ = materials.validation
    if materials.measured and recipe.evaluation.baselines:
        check_encoder(folder_of(recipe.teacher.model))
