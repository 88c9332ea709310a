"""The student that distillation starts from: a saved encoder under a fresh head."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from transformers import ElectraModel

from model_build.common.batching import embed_rows
from model_build.recipe import Recipe
from model_build.student.model import Student, under_head
from model_build.teacher.targets import CachedVectors

POOLING = "pooling.pt"
_FITTED_TEXTS, _RIDGE = 20_000, 1e-4


def new_student(folder: Path, teacher_dimension: int, recipe: Recipe) -> Student:
    """Put a saved encoder, with the pooling beside it if any, under a head whose adapter the seed decides."""
    torch.manual_seed(recipe.seed)
    encoder: ElectraModel = ElectraModel.from_pretrained(folder, dtype=torch.float32)
    student = under_head(encoder, teacher_dimension, recipe.student, len(recipe.teacher.tasks))
    pooling = folder.parent / POOLING
    if pooling.is_file():
        student.pooling.load_state_dict(torch.load(pooling, weights_only=True))
    return student


@torch.no_grad()
def fit_adapter(student: Student, rows: Sequence[Sequence[int]], vectors: CachedVectors) -> None:
    """Fit the adapter of a student with a trained encoder to the teacher's vectors of the rows, by ridge regression."""
    indices = np.unique(np.linspace(0, len(rows) - 1, _FITTED_TEXTS).astype(np.int64))
    pooled = torch.from_numpy(
        embed_rows(partial(student.pooling, student.encoder), [rows[index] for index in indices])
    ).double()
    target = vectors(indices).double()
    products = pooled.T @ pooled
    products.diagonal().add_(_RIDGE * products.diagonal().mean())
    student.adapter.weight.copy_(torch.linalg.solve(products, pooled.T @ target).T)
