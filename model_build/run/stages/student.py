"""04-student: build and pre-train the student, or take over a published one.

Writes `encoder/`; `pretraining.json`, or with `student.init_from` `pooling.pt`.
"""

from pathlib import Path

import torch

from model_build.common.atomic import write_json
from model_build.export.from_onnx import initial_encoder
from model_build.run.context import Context
from model_build.run.stages.vocabulary import initial_revision
from model_build.student.init import POOLING, new_student
from model_build.student.model import Student
from model_build.student.pretrain import pretrained_student
from model_build.teacher.targets import load_vectors

ENCODER = "encoder"


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section, and the artifact that the student starts from."""
    return context.recipe.student.model_dump(mode="json") | initial_revision(context)


def run(context: Context, folder: Path) -> None:
    """Build the encoder."""
    if context.initial is not None:
        encoder, pooling = initial_encoder(context.initial, context.recipe, context.tokens)
        encoder.save_pretrained(folder / ENCODER)
        torch.save(pooling.state_dict(), folder / POOLING)
        return
    model, loss = pretrained_student(context.recipe, context.teacher, context.tokens, context.rows, context.journal)
    model.electra.save_pretrained(folder / ENCODER)
    write_json(folder / "pretraining.json", {"steps": context.recipe.student.pretraining_steps, "loss": loss})


def load_student(context: Context) -> Student:
    """Load the encoder under a fresh head, as distillation starts with it."""
    width = load_vectors(context.folder_of("teacher")).dimension
    return new_student(context.folder_of("student") / ENCODER, width, context.recipe)
