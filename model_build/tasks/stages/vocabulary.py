"""02-vocabulary: keep the released encoder's tokens that the task needs.

Writes `vocab.txt`. Without a size all tokens stay. Otherwise the special tokens and single characters do, then those
that receive most attention in the teacher on the training examples, then the others in the released order.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model_build.tasks.context import TaskContext
from model_build.tasks.stages.teacher import load_tuned
from model_build.teacher.model import Teacher
from model_build.vocabulary.importance import measure_importance
from model_build.vocabulary.pruning import ids_of, prune, write_vocabulary

_BATCH_TEXTS = 64


def inputs(context: TaskContext) -> dict[str, object]:
    """The size, and the released vocabulary."""
    return {"size": context.recipe.student.vocabulary_size, "released": context.initial.manifest.revision}


def run(context: TaskContext, folder: Path) -> None:
    """Prune the vocabulary."""
    size = context.recipe.student.vocabulary_size
    tokens = context.released_tokens
    write_vocabulary(tokens if size is None else _pruned(context, tokens, size), folder / "vocab.txt")


def _pruned(context: TaskContext, tokens: Sequence[str], size: int) -> list[str]:
    teacher, train = load_tuned(context), context.task.train
    texts = list(dict.fromkeys(text for column in train.columns for text in column))
    encoder = Teacher(teacher.encoder, teacher.tokenizer, context.recipe.teacher.model, teacher.sha256)
    limits = {"max_length": context.recipe.teacher.max_length, "batch_texts": _BATCH_TEXTS}
    attention = measure_importance(encoder, texts, **limits, journal=context.journal).attention
    places = encoder.vocabulary
    scores = np.array([attention[places[token]] if token in places else 0.0 for token in tokens])
    return prune(ids_of(tokens), scores, size)
