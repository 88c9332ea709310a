"""A small untrained student for tests."""

import numpy as np
import torch
from transformers import ElectraModel

from model_build.recipe import StudentRecipe
from model_build.student.model import Student, build_config

SHAPE = StudentRecipe(
    layers=2, hidden_size=32, embedding_size=24, intermediate_size=64, attention_heads=4, max_length=32
)
PIECES = 300


def student(
    recipe: StudentRecipe = SHAPE,
    teacher_dimension: int = 48,
    *,
    weighted: bool = False,
    first: bool = False,
    tasks: int = 0,
) -> Student:
    torch.manual_seed(0)
    encoder = ElectraModel(build_config(recipe, PIECES))
    made = Student(encoder, teacher_dimension, weighted=weighted, first=first, tasks=tasks)
    torch.nn.init.normal_(made.projection.weight)
    for parameter in made.pooling.parameters():
        torch.nn.init.normal_(parameter)
    return made.eval()


def rows(count: int = 60, longest: int = 20) -> list[list[int]]:
    rng = np.random.default_rng(0)
    return [[2, *rng.integers(5, PIECES, rng.integers(1, longest)).tolist(), 3] for _ in range(count)]
