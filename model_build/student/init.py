"""A student's trainings, of what the stages before them made: a build does each once, an ablation once a variant."""

import copy
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from transformers import ElectraForMaskedLM, ElectraModel

from model_build.common.device import computing
from model_build.common.log import Journal
from model_build.common.special_tokens import MARKS, MASK
from model_build.common.systems import Vectors
from model_build.corpus.build import Corpus
from model_build.distillation.data import Examples
from model_build.distillation.distributed import Processes
from model_build.distillation.trainer import CrossDistillation
from model_build.export.from_onnx import restore
from model_build.pair_tasks import Lessons
from model_build.quantization.schemes import schemes_of
from model_build.recipe import Recipe
from model_build.student import model as students
from model_build.student import tuning
from model_build.student.fuse import DeviceStudent, fuse
from model_build.student.state_pooling import StatePooling
from model_build.teacher import model as teachers
from model_build.teacher.targets import LiveFeatures, load_features
from model_build.vocabulary import pruning as vocabulary
from service.artifact.artifact import Artifact

TASK_LAYER = "task_layer.pt"
POOLING = "pooling.pt"
_FITTED_TEXTS, _RIDGE = 20_000, 1e-4


def pretrained_student(
    recipe: Recipe, teacher: teachers.Teacher, pieces: Sequence[str], rows: Sequence[Sequence[int]], journal: Journal
) -> tuple[ElectraForMaskedLM, float]:
    """Build a student on a vocabulary and pre-train it. Returns it with the mean of its last losses.

    Args:
        recipe: says how; its seed decides the first weights, the batches and the masks.
        teacher: gives the token embeddings.
        pieces: the vocabulary.
        rows: the training texts' token ids.
        journal: shows progress.
    """
    model = students.build_student(recipe.student, teacher, pieces, recipe.seed)
    with computing(model):
        loss = students.pretrain(
            model,
            rows,
            mask_id=pieces.index(MASK),
            first_piece=len(MARKS),
            steps=recipe.student.pretraining_steps,
            rate=recipe.student.pretraining_rate,
            batch_texts=recipe.distillation.batch_texts,
            seed=recipe.seed,
            journal=journal,
        )
    return model, loss


def started_student(start: Artifact, recipe: Recipe, pieces: Sequence[str]) -> tuple[ElectraModel, StatePooling]:
    """The encoder and the pooling of a published artifact, whose training is to go on.

    Args:
        start: the artifact.
        recipe: says the shape, and how states are pooled from now on.
        pieces: the vocabulary, all of it among the artifact's.

    Raises:
        StartError: the artifact has another shape, or can't be read back.
    """
    before = restore(start, recipe.student)
    places = {piece: place for place, piece in enumerate(vocabulary.read_vocabulary(start.vocabulary_path))}
    kept = before.encoder.embeddings.word_embeddings.weight[[places[piece] for piece in pieces]]
    encoder = ElectraModel(students.build_config(recipe.student, len(pieces)))
    others = before.encoder.state_dict()
    others["embeddings.word_embeddings.weight"] = kept
    encoder.load_state_dict(others)
    pooling = students.under_head(encoder, 1, recipe.student).pooling
    pooling.load_state_dict(
        before.pooling.state_dict(), strict=False
    )  # what the artifact did not pool starts as a mean
    return encoder, pooling


def new_student(folder: Path, teacher_dimension: int, recipe: Recipe) -> students.Student:
    """A saved encoder under a fresh head, whose adapter the seed decides; with the pooling beside it, if any."""
    torch.manual_seed(recipe.seed)
    student = students.under_head(
        students.load_encoder(folder), teacher_dimension, recipe.student, len(recipe.teacher.tasks)
    )
    pooling = folder.parent / POOLING
    if pooling.is_file():
        student.pooling.load_state_dict(torch.load(pooling, weights_only=True))
    return student


@torch.no_grad()
def fit_adapter(student: students.Student, rows: Sequence[Sequence[int]], folder: Path) -> None:
    """Give a student that was trained before the adapter that brings it closest to its teacher, by least squares.

    Args:
        student: its adapter is replaced.
        rows: the training texts' token ids.
        folder: holds the teacher's vectors.
    """
    places = np.unique(np.linspace(0, len(rows) - 1, _FITTED_TEXTS).astype(np.int64))
    pooled = torch.from_numpy(
        students.embed(partial(student.pooling, student.encoder), [rows[place] for place in places])
    ).double()
    target = load_features(folder)(places).double()
    products = pooled.T @ pooled
    products.diagonal().add_(_RIDGE * products.diagonal().mean())
    student.adapter.weight.copy_(torch.linalg.solve(products, pooled.T @ target).T)


def load_task_layer(folder: Path) -> nn.Linear:
    """The teacher's fine-tuned task layer, a fresh copy of it."""
    state = torch.load(folder / TASK_LAYER, weights_only=True)
    layer = teachers.identity_layer(len(state["weight"]))
    layer.load_state_dict(state)
    return layer


@torch.no_grad()
def target_vectors(folder: Path, texts: int) -> Vectors:
    """The teacher's unit vectors of the held-out texts, behind its task layer as it was before it adapted."""
    heldout = load_features(folder / "heldout")(np.arange(texts))
    target: Vectors = F.normalize(load_task_layer(folder)(heldout), dim=-1).numpy()
    return target


def distillation_inputs(recipe: Recipe) -> dict[str, object]:
    """What of a recipe decides a distillation; the schemes do where its last steps are rounded."""
    inputs = recipe.distillation.recorded()
    if recipe.distillation.rounded_share:
        inputs["schemes"] = schemes_of(recipe.quantization)
    return inputs


def cross_distillation(
    recipe: Recipe,
    learner: students.Student,
    teacher: teachers.Teacher,
    corpus: Corpus,
    rows: Sequence[Sequence[int]],
    folder: Path,
    lessons: Lessons | None = None,
    processes: Processes | None = None,
) -> CrossDistillation:
    """Join a student and its teacher for training.

    Args:
        recipe: says how; its seed decides the batches.
        learner: trained in place.
        teacher: its top layers are trained in place where the recipe says so.
        corpus: the training texts and their pairs.
        rows: the training texts' token ids.
        folder: holds the teacher's vectors and task layer.
        lessons: of the tasks that the teacher was fine-tuned on.
        processes: that share the training; this one alone where none are named.
    """
    anchor = load_features(folder)
    features = LiveFeatures(teacher, corpus.texts, recipe.teacher) if recipe.teacher.trainable_layers else anchor
    examples = Examples(rows, corpus.pairs, features, anchor)
    task_layer = load_task_layer(folder)
    schemes = schemes_of(recipe.quantization)
    return CrossDistillation(
        learner, task_layer, examples, recipe.distillation, recipe.seed, schemes, lessons, processes
    )


def tuned_student(
    recipe: Recipe,
    learner: students.Student,
    corpus: Corpus,
    rows: Sequence[Sequence[int]],
    folder: Path,
    place: Path,
    journal: Journal,
) -> DeviceStudent:
    """Tune a student for its quantization, towards the vectors that the recipe says.

    Args:
        recipe: says how; its seed decides the batches.
        learner: as distillation left it; stays as it is.
        corpus: the training texts' pairs.
        rows: the training texts' token ids.
        folder: holds the teacher's vectors and task layer.
        place: where a stopped tuning finds its checkpoint.
        journal: shows progress.
    """
    tuning_recipe, batch_texts, seed = recipe.quantization, recipe.distillation.batch_texts, recipe.seed + 2
    if tuning_recipe.tuning_target == "student":
        return tuning.tune(fuse(learner), tuning_recipe, rows, batch_texts=batch_texts, seed=seed, journal=journal)
    tuned = copy.deepcopy(learner)
    # The layers that become the head stay, and with them the basis of the device's vectors (see `fusion.lift`).
    tuned.adapter.requires_grad_(requires_grad=False)
    tuned.task_layer.requires_grad_(requires_grad=False)
    # A task layer that the two models share is the student's, as distillation left it.
    integrated = recipe.distillation.parameter_integration and recipe.distillation.integration_shares
    task_layer = tuned.task_layer if integrated else load_task_layer(folder)
    features = load_features(folder)
    changes = {
        "steps": tuning_recipe.tuning_steps,
        "student_rate": tuning_recipe.tuning_rate,
        "warmup_steps": tuning.WARMUP,
        "rounded_share": 1.0,
        "mutual_interplay": False,  # at such rates the teacher would hardly move
    }
    run = CrossDistillation(
        tuned,
        task_layer,
        Examples(rows, corpus.pairs, features, features),
        recipe.distillation.model_copy(update=changes),
        seed,
        schemes_of(tuning_recipe),
    )
    run.run(place, lambda _: {}, journal)
    return fuse(tuned)
