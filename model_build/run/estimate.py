"""Estimates before a build: device bytes by part, whether they fit the budget, and time on this machine."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from transformers import ElectraModel

from model_build.corpus.build import source_name
from model_build.export.gates import check_budget
from model_build.export.onnx_graph import build_graph
from model_build.quantization.schemes import module_schemes, schemes_of
from model_build.recipe import MIN_VOCABULARY, Recipe
from model_build.student.fuse import fuse, shorten
from model_build.student.model import Student, build_config, under_head
from model_build.teacher.ensemble import AdditionalTeacher
from model_build.teacher.model import Teacher, precision
from service.artifact.artifact import ModuleScheme
from service.ranking.weights import default_weights, ranker_json

TOKEN_BYTES = 7  # a token of an English WordPiece vocabulary and its line end, on average
MANIFEST_BYTES = 7_000
TYPICAL_TOKENS = 18  # a product title or a query
_STEP = 1_000  # tokens between the two vocabularies that a line is drawn through
_ROUNDED = 100
_WORD = "phone"
_REPEATS = 3
_BATCH = 64
_TEACHER_DIMENSION = 384


@dataclass(frozen=True)
class ByteEstimate:
    """The device files' bytes. The graph's are exact, and by module; vocabulary and manifest are estimated."""

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
    """Build the recipe's graph with random weights and measure it."""
    device = shorten(fuse(_random_student(recipe, _TEACHER_DIMENSION)), recipe.device_max_length)
    schemes = schemes_of(recipe.quantization)
    return ByteEstimate(
        modules=module_schemes(device, schemes),
        graph=build_graph(device, schemes).ByteSize(),
        vocabulary=recipe.vocabulary.size * TOKEN_BYTES,
        ranker=len(ranker_json(default_weights()).encode()),
        manifest=MANIFEST_BYTES,
    )


def check_fits(recipe: Recipe, sizes: ByteEstimate, vocabulary: int, *, manifest: int = 0) -> None:
    """Check a student's estimated bytes, and the least of `vocab.txt` and the manifest, against the byte budget.

    Raises:
        BudgetError: it exceeds the budget; the message has the largest vocabulary that fits, or the least budget.
    """
    total = sizes.graph + sizes.ranker + vocabulary + manifest
    if total > recipe.gates.byte_budget:
        check_budget(total, recipe.gates.byte_budget, _advice(recipe))


def vocabulary_bytes(tokens: Iterable[str]) -> list[int]:
    """Count the bytes of each token in `vocab.txt`, its line end included."""
    return [len(token.encode()) + 1 for token in tokens]


def least_bytes(tokens: Iterable[str], size: int) -> int:
    """Count the least bytes of a vocabulary of `size` of these tokens."""
    return sum(sorted(vocabulary_bytes(tokens))[:size])


def estimate_seconds(
    recipe: Recipe, teacher: Teacher, ensemble: Sequence[AdditionalTeacher], files: Sequence[Path]
) -> dict[str, float]:
    """Time a few teacher passes and student steps on texts of typical length, and multiply.

    Every file counts with the most texts that the recipe takes: an upper bound for small files.
    """
    shares = [recipe.corpus.weights.get(source_name(path, recipe.corpus), 1.0) for path in files]
    texts = recipe.corpus.texts_per_file * sum(shares) * (1 + recipe.corpus.query_share)
    student = _random_student(recipe, teacher.dimension)
    ids = torch.randint(recipe.vocabulary.size, (_BATCH, TYPICAL_TOKENS))
    mask = torch.ones_like(ids)
    with torch.inference_mode(), precision(teacher.model, recipe.teacher.precision):
        teacher_pass = _timed(lambda: teacher.model(ids, attention_mask=mask)) / len(ids)
    typical = [" ".join([_WORD] * TYPICAL_TOKENS)] * _BATCH
    all_passes = teacher_pass + sum(_timed(partial(one.system.embed, typical)) / _BATCH for one in ensemble)
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


def _advice(recipe: Recipe) -> str:
    """Suggest the largest vocabulary that fits at this shape; bytes are linear in its size."""
    least = _total(recipe, MIN_VOCABULARY)
    per_token = (_total(recipe, MIN_VOCABULARY + _STEP) - least) / _STEP
    room = recipe.gates.byte_budget - least
    if room < 0:
        return (
            f"{MIN_VOCABULARY} tokens, the least for a vocabulary, take about {least:,} with this shape: "
            "lower the student's shape or raise the budget"
        )
    largest = int(MIN_VOCABULARY + room / per_token) // _ROUNDED * _ROUNDED
    if largest >= recipe.vocabulary.size:  # its tokens are longer than estimated
        largest = recipe.vocabulary.size - _ROUNDED
    return f"lower vocabulary.size to about {max(MIN_VOCABULARY, largest):,}, or lower the student's shape"


def _total(recipe: Recipe, size: int) -> int:
    vocabulary = recipe.vocabulary.model_copy(update={"size": size})
    return estimate_bytes(recipe.model_copy(update={"vocabulary": vocabulary})).total


def _random_student(recipe: Recipe, teacher_dimension: int) -> Student:
    encoder = ElectraModel(build_config(recipe.student, recipe.vocabulary.size))
    return under_head(encoder, teacher_dimension, recipe.student)


def _timed(action: Callable[[], object]) -> float:
    action()
    start = time.perf_counter()
    for _ in range(_REPEATS):
        action()
    return (time.perf_counter() - start) / _REPEATS
