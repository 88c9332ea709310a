"""What a recipe would make, before it is made: bytes by part, and time on this machine."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from transformers import ElectraForMaskedLM

from model_build.corpus.build import source_name
from model_build.export.onnx_graph import build_graph
from model_build.quantization.schemes import schemes_of
from model_build.recipe import Recipe
from model_build.run.stages.report import module_schemes
from model_build.student.fuse import fuse, shorten
from model_build.student.model import Student, build_config, under_head
from model_build.teacher.ensemble import Companion
from model_build.teacher.model import Teacher, precision
from service.artifact.artifact import ModuleScheme
from service.ranking.weights import default_weights, ranker_json

PIECE_BYTES = 7  # a piece of an English WordPiece vocabulary and its line end, on average
MANIFEST_BYTES = 7_000
TYPICAL_TOKENS = 18  # a product title or a query
_WORD = "phone"
_REPEATS = 3
_BATCH = 64
_TEACHER_DIMENSION = 384


@dataclass(frozen=True)
class ByteEstimate:
    """The device files' bytes. The graph's are exact; those of vocabulary and manifest are estimated.

    Attributes:
        modules: scheme and bytes by module of the graph.
        graph, vocabulary, ranker, manifest: bytes of the files.
    """

    modules: dict[str, ModuleScheme]
    graph: int
    vocabulary: int
    ranker: int
    manifest: int

    @property
    def total(self) -> int:
        """All device bytes."""
        return self.graph + self.vocabulary + self.ranker + self.manifest


def estimate_bytes(recipe: Recipe) -> ByteEstimate:
    """Build the recipe's graph with random weights and weigh it."""
    device = shorten(fuse(_random_student(recipe, _TEACHER_DIMENSION)), recipe.device_max_length)
    schemes = schemes_of(recipe.quantization)
    return ByteEstimate(
        modules=module_schemes(device, schemes),
        graph=build_graph(device, schemes).ByteSize(),
        vocabulary=recipe.vocabulary.size * PIECE_BYTES,
        ranker=len(ranker_json(default_weights()).encode()),
        manifest=MANIFEST_BYTES,
    )


def estimate_seconds(
    recipe: Recipe, teacher: Teacher, companions: Sequence[Companion], files: Sequence[Path]
) -> dict[str, float]:
    """Time a few passes of the teachers and student steps on texts of typical length, and multiply.

    Every file is taken to be as large as the recipe lets it be: an upper bound for small files.
    """
    shares = [recipe.corpus.weights.get(source_name(path, recipe.corpus), 1.0) for path in files]
    texts = recipe.corpus.texts_per_file * sum(shares) * (1 + recipe.corpus.query_share)
    student = _random_student(recipe, teacher.dimension)
    ids = torch.randint(recipe.vocabulary.size, (_BATCH, TYPICAL_TOKENS))
    mask = torch.ones_like(ids)
    with torch.inference_mode(), precision(teacher.model, recipe.teacher.precision):
        teacher_pass = _timed(lambda: teacher.model(ids, attention_mask=mask)) / len(ids)
    typical = [" ".join([_WORD] * TYPICAL_TOKENS)] * _BATCH
    all_passes = teacher_pass + sum(_timed(partial(one.system.embed, typical)) / _BATCH for one in companions)
    optimizer = torch.optim.AdamW(student.parameters())

    def step() -> None:
        optimizer.zero_grad()
        student(ids, mask).sum().backward()
        optimizer.step()

    student_step = _timed(step) / len(ids)
    per_step = student_step * recipe.distillation.batch_texts * (1 + 1 / recipe.distillation.pair_every)
    return {
        "vocabulary": recipe.vocabulary.sample_texts * teacher_pass * 1.5,
        "teacher": texts * all_passes,
        "student": recipe.student.pretraining_steps * per_step,
        "distillation": recipe.distillation.steps * per_step,
    }


def _random_student(recipe: Recipe, teacher_dimension: int) -> Student:
    encoder = ElectraForMaskedLM(build_config(recipe.student, recipe.vocabulary.size)).electra
    return under_head(encoder, teacher_dimension, recipe.student)


def _timed(action: Callable[[], object]) -> float:
    action()
    start = time.perf_counter()
    for _ in range(_REPEATS):
        action()
    return (time.perf_counter() - start) / _REPEATS
