"""The method in one read: a BERT teacher is pruned, distilled and quantized into an artifact, from top to bottom.

This is one-way distillation from one teacher. `model-build run` (see `run.pipeline`) does the same in resumable stages,
and adds ensembles, a teacher that adapts, labelled pairs, quality gates, evaluation and a report.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from model_build import __version__
from model_build.common.batches import BatchStream
from model_build.common.batching import PAD_ID, pad
from model_build.common.learning_rate import cosine_schedule
from model_build.common.log import Journal
from model_build.common.training_loop import optimize
from model_build.corpus.build import build_corpus
from model_build.distillation.losses import neighbour_cosines
from model_build.distillation.objective import Batch, objective, total
from model_build.export.artifact import Contents, assemble
from model_build.export.parity import export
from model_build.quantization.schemes import (
    module_schemes,
    schemes_of,
    start_fake_quantization,
    stop_fake_quantization,
)
from model_build.recipe import Recipe
from model_build.student.fuse import fuse, shorten
from model_build.student.model import Student, under_head
from model_build.student.pretrain import pretrained_student
from model_build.teacher.embed import embed_texts
from model_build.teacher.model import load_teacher
from model_build.teacher.targets import CachedVectors, load_vectors
from model_build.vocabulary.importance import measure_importance
from model_build.vocabulary.pruning import prune, token_rows
from service.artifact.artifact import Artifact, TokenizerRules, Training, load_artifact


def compress(recipe: Recipe, data: Path, folder: Path, journal: Journal) -> Artifact:
    """Compress the recipe's teacher on the texts below `data` into `folder/artifact`.

    Raises:
        BuildError: a file is missing, the artifact exceeds its budget, or its graphs disagree.
    """
    teacher = load_teacher(recipe.teacher.model)
    corpus = build_corpus(recipe.corpus, data, excluded=(), seed=recipe.seed)

    # Prune: keep the tokens that receive most attention in the teacher.
    sample = corpus.texts[: recipe.vocabulary.sample_texts]
    limits = {"max_length": recipe.teacher.max_length, "batch_texts": recipe.teacher.batch_texts}
    importance = measure_importance(teacher, sample, **limits, journal=journal)
    tokens = prune(teacher.vocabulary, importance.attention, recipe.vocabulary.size)
    rules = TokenizerRules(lowercase=teacher.lowercase, strip_accents=teacher.lowercase, version=2)
    rows = list(token_rows(tokens, rules, corpus.texts, recipe.student.max_length))

    # Initialise: the teacher's token embeddings on their principal components, and a short masked-token pre-training.
    model, _ = pretrained_student(recipe, teacher, tokens, rows, journal)
    student = under_head(model.electra, teacher.dimension, recipe.student)

    # Distil: the teacher reads the corpus once, and the student learns its vectors.
    embed_texts(teacher, corpus.texts, recipe.teacher, folder / "teacher", journal)
    distil(student, load_vectors(folder / "teacher"), rows, recipe, journal)

    # Fuse adapter and projection into one small matrix, which changes no cosine; drop positions beyond the device's.
    device = shorten(fuse(student), recipe.device_max_length)

    # Quantize: each module by its own scheme, into an ONNX graph that must agree with fp32 on held-out texts.
    schemes = schemes_of(recipe.quantization)
    heldout = list(token_rows(tokens, rules, corpus.heldout, recipe.device_max_length))
    export(device, schemes, heldout, recipe.gates, folder)

    contents = Contents(
        name=recipe.name,
        graph=folder / "int8.onnx",
        tokens=tokens,
        rules=rules,
        config=device.encoder.config,
        dimension=device.head.out_features,
        quantization=module_schemes(device, schemes),
        byte_budget=recipe.gates.byte_budget,
        training=Training(
            teacher=recipe.teacher.model,
            teacher_sha256=teacher.sha256,
            objective=f"one-way distillation, {recipe.distillation.steps} steps",
            seed=recipe.seed,
            tool=f"model-build {__version__}",
            sources=(),
        ),
    )
    assemble(contents, folder / "artifact")
    return load_artifact(folder / "artifact")


def distil(
    student: Student, teacher: CachedVectors, rows: Sequence[Sequence[int]], recipe: Recipe, journal: Journal
) -> None:
    """Train a student towards its teacher's vectors and similarities, quantized in the last steps."""
    settings = recipe.distillation
    stream = BatchStream([len(row) for row in rows], settings.batch_texts, recipe.seed)
    first_quantized = settings.steps - round(settings.qat_fraction * settings.steps)
    peak = settings.student_learning_rate
    optimizer = torch.optim.AdamW([{"params": list(student.parameters()), "peak": peak}], lr=peak, betas=(0.9, 0.98))

    def loss_at(step: int) -> Tensor:
        if step == first_quantized:
            start_fake_quantization(student, schemes_of(recipe.quantization))
        indices = stream.at(step)
        vectors, targets = student(*pad([rows[index] for index in indices], PAD_ID)), teacher(indices)
        cosines = neighbour_cosines(vectors), neighbour_cosines(targets)
        return total(objective(Batch(vectors, targets, anchor=targets, similarities=lambda: cosines), settings))

    with journal.bar("distillation", settings.steps) as bar:
        optimize(
            optimizer,
            loss_at,
            settings.steps,
            schedule=lambda step: cosine_schedule(step, settings.steps, settings.warmup_steps),
            clipped=student.parameters(),
            bar=bar,
        )
    stop_fake_quantization(student.eval(), keep_quantized=False)
