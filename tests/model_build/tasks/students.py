"""Small students of tasks, of random weights."""

import torch

from model_build.student.fuse import DeviceStudent, fuse
from model_build.tasks.student import TaskBody, initial_body
from tests.model_build.students import PIECES, student


def backbone() -> DeviceStudent:
    """A released encoder."""
    return fuse(student(weighted=True, first=True))


def body(*, segments: int = 1, max_length: int = 32, tokens: int = PIECES) -> TaskBody:
    """The start of a student of a task."""
    return initial_body(backbone(), torch.arange(tokens), max_length=max_length, segments=segments)
