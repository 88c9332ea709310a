"""The student: a small ELECTRA encoder (BERT with factorised embeddings) under a head in the teacher's space.

The student's vector is `projection(adapter(pooled states))`, of unit length (see `pooling`). Both layers are linear:
on the device they become one matrix, which keeps every cosine in as many dimensions as the pooled states have (see
`fuse`).
"""

import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ElectraConfig, ElectraModel

from model_build.common.batching import PAD_ID
from model_build.recipe import StudentRecipe
from model_build.student.pooling import StatePooling
from model_build.teacher.model import identity_projection
from model_build.teacher.pair_classifier import PairClassifier


class Student(nn.Module):
    """The encoder with its adapter and projection.

    Attributes:
        encoder: token ids -> hidden states.
        pooling: hidden states -> one vector.
        adapter: the pooling's width -> the teacher's width.
        projection: the teacher's width -> the same; the teacher's own layer where parameters are integrated.
        pair_classifier: classifies pairs by the teacher's tasks, where it has any; the teacher's own likewise.
    """

    def __init__(
        self,
        encoder: ElectraModel,
        teacher_dimension: int,
        *,
        weighted: bool = False,
        first: bool = False,
        tasks: int = 0,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        # On short texts the plain products beat the fused kernels: on one CPU core a step takes 0.9 of their time in
        # float32, and half of it in bfloat16.
        encoder.set_attn_implementation("eager")
        self.pooling = StatePooling(encoder.config, weighted=weighted, first=first)
        self.adapter = nn.Linear(self.pooling.width, teacher_dimension, bias=False)
        self.projection = identity_projection(teacher_dimension)
        self.pair_classifier = PairClassifier(tasks, teacher_dimension) if tasks else None

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Compute unit vectors: `[batch, length]` twice -> `[batch, teacher's width]`."""
        return F.normalize(self.projection(self.adapter(self.pooling(self.encoder, ids, mask))), dim=-1)

    def pair_logits(self, vectors: Tensor, tasks: Tensor) -> Tensor:
        """Classify pairs of its vectors, all first texts before all second ones: `[2 pairs, width]` -> `[pairs]`."""
        assert self.pair_classifier is not None  # noqa: S101 (narrows the type)
        logits: Tensor = self.pair_classifier(*vectors.chunk(2), tasks)
        return logits


def under_head(encoder: ElectraModel, teacher_dimension: int, recipe: StudentRecipe, tasks: int = 0) -> Student:
    """Put an encoder under a fresh head, with the recipe's pooling and a pair classifier for `tasks` tasks."""
    weighted, first = recipe.pooling == "weighted", recipe.pooled_states == "first-last"
    return Student(encoder, teacher_dimension, weighted=weighted, first=first, tasks=tasks)


def build_config(recipe: StudentRecipe, vocabulary_size: int) -> ElectraConfig:
    """Build the student's configuration. Dropout is off: a model this small underfits."""
    return ElectraConfig(
        vocab_size=vocabulary_size,
        embedding_size=recipe.embedding_size,
        hidden_size=recipe.hidden_size,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.attention_heads,
        intermediate_size=recipe.intermediate_size,
        max_position_embeddings=recipe.max_length,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD_ID,
    )
