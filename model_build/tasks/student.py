"""The student of a task: a small encoder, its pooling, and a linear classifier, behind an adapter or not.

Where the teacher's classifier is taken over, an adapter brings the pooled states to its width. Adapter and classifier
are linear: the device gets their product, one matrix `[classes, pooled width]`.
"""

import copy

import torch
from torch import Tensor, nn
from transformers import ElectraConfig, ElectraModel
from typing_extensions import override  # the standard library has it from Python 3.12 on

from model_build.student.fuse import DeviceStudent, without_segment
from model_build.student.pooling import StatePooling
from model_build.tasks.outputs import Outputs
from model_build.tasks.rows import Tokens


class Learner(nn.Module):
    """A classifier on something that reads tokens.

    Attributes:
        adapter: pooled width -> the teacher's features; the identity where the classifier is the student's own.
        classifier: features -> logits.
    """

    adapter: nn.Module
    classifier: nn.Linear

    @property
    def width(self) -> int:
        """Length of what `pooled` gives."""
        raise NotImplementedError

    def pooled(self, tokens: Tokens) -> Tensor:
        """Read a batch: `[batch, width]`."""
        raise NotImplementedError

    def classify(self, pooled: Tensor) -> Outputs:
        """Classify what was read."""
        features = self.adapter(pooled)
        return Outputs(features, self.classifier(features))

    def forward(self, tokens: Tokens) -> Outputs:
        """Classify a batch."""
        return self.classify(self.pooled(tokens))


def adapter_between(width: int, classifier: nn.Linear) -> nn.Module:
    """The adapter from a student's width to its classifier's, before it learns."""
    return nn.Identity() if classifier.in_features == width else nn.Linear(width, classifier.in_features)


class TaskStudent(Learner):
    """A small encoder's classifier.

    Attributes:
        encoder: tokens -> states.
        pooling: states -> one vector.
    """

    def __init__(self, encoder: ElectraModel, pooling: StatePooling, classifier: nn.Linear) -> None:
        super().__init__()
        self.encoder, self.pooling, self.classifier = encoder, pooling, classifier
        encoder.set_attn_implementation("eager")  # faster on short texts than the fused kernels
        self.adapter = adapter_between(pooling.width, classifier)

    @override
    def pooled(self, tokens: Tokens) -> Tensor:
        segments = tokens.segments if self.encoder.config.type_vocab_size > 1 else None
        pooled: Tensor = self.pooling(self.encoder, tokens.ids, tokens.mask, segments)
        return pooled.float()

    @property
    @override
    def width(self) -> int:
        return self.pooling.width


class TaskDevice(nn.Module):
    """A task's student as the device runs it: encoder, pooling, and one linear head."""

    def __init__(self, encoder: ElectraModel, pooling: StatePooling, head: nn.Linear) -> None:
        super().__init__()
        self.encoder, self.pooling, self.head = encoder, pooling, head

    def forward(self, tokens: Tokens) -> Tensor:
        """Compute logits `[batch, classes]`."""
        segments = tokens.segments if self.encoder.config.type_vocab_size > 1 else None
        logits: Tensor = self.head(self.pooling(self.encoder, tokens.ids, tokens.mask, segments))
        return logits


@torch.no_grad()
def initial_body(start: DeviceStudent, tokens: Tensor, *, max_length: int, segments: int) -> DeviceStudent:
    """Copy a released student's encoder and pooling for a task.

    Args:
        start: the student.
        tokens: int64 `[kept]`, ids of the tokens to keep.
        max_length: most tokens of a row; positions beyond the student's start as its last one.
        segments: number of segments; the first one's embedding starts as 0, as that of a released student is.
    """
    before = start.encoder.config
    changed = {"vocab_size": len(tokens), "max_position_embeddings": max_length, "type_vocab_size": segments}
    config = ElectraConfig(**before.to_dict() | changed)
    encoder = ElectraModel(config)
    places = torch.arange(max_length).clamp(max=before.max_position_embeddings - 1)
    weights = start.encoder.state_dict()
    embeddings = {
        "embeddings.word_embeddings.weight": weights["embeddings.word_embeddings.weight"][tokens],
        "embeddings.position_embeddings.weight": weights["embeddings.position_embeddings.weight"][places],
        "embeddings.token_type_embeddings.weight": torch.zeros(segments, config.embedding_size),
    }
    encoder.load_state_dict(weights | embeddings)
    pooling = copy.deepcopy(start.pooling)
    pooling.at_positions(places)
    return DeviceStudent(encoder, pooling, copy.deepcopy(start.head))


@torch.no_grad()
def fuse(student: TaskStudent) -> TaskDevice:
    """Make the device's form of a student, which stays unchanged; logits are the same up to rounding."""
    head = fused_head(student.adapter, student.classifier)
    encoder = copy.deepcopy(student.encoder)
    if encoder.config.type_vocab_size == 1:
        without_segment(encoder)
    return TaskDevice(encoder, copy.deepcopy(student.pooling), head).eval()


@torch.no_grad()
def fused_head(adapter: nn.Module, classifier: nn.Linear) -> nn.Linear:
    """Join an adapter and a classifier into one layer: pooled width -> classes."""
    weight: Tensor = classifier.weight
    bias: Tensor = classifier.bias
    if isinstance(adapter, nn.Linear):
        bias = bias + weight @ adapter.bias
        weight = weight @ adapter.weight
    head = nn.Linear(weight.shape[1], weight.shape[0])
    head.weight.copy_(weight)
    head.bias.copy_(bias)
    return head
