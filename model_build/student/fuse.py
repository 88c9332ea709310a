"""The student as the device runs it: encoder, pooling, and one small matrix instead of adapter and projection.

Adapter and projection are linear; their product W maps the width of the pooled states, H, to the teacher's width.
W = QR with orthonormal columns in Q, and Q changes no cosine: |Wx| = |Rx|, (Wx)(Wy) = (Rx)(Ry). The device keeps R
alone, `[H, H]`, and its vectors have H components.

R is triangular and close to diagonal: a row has few large numbers and many small ones, which low-bit rounding destroys.
A rotation on the left changes no cosine either, so R is rotated by a discrete cosine transform, which spreads each
number evenly over a column. On the bundled model's head that takes 1 - cosine under int8 from 7e-4 to 2e-5; random
rotations reach 6e-5.

A student with a pair classifier is rotated by the eigenvectors of its first task's quadratic form, `Q^T diag(w) Q`,
instead: in the device's vectors that form is diagonal, and so exact with H numbers. Of further tasks, the device keeps
the diagonal.

The only token type's embedding is added to every position's.
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ElectraModel

from model_build.student.model import Student
from model_build.student.pooling import StatePooling
from model_build.teacher.pair_classifier import PairClassifier


class DeviceStudent(nn.Module):
    """Encoder, pooling, head."""

    def __init__(self, encoder: ElectraModel, pooling: StatePooling, head: nn.Linear) -> None:
        super().__init__()
        self.encoder, self.pooling, self.head = encoder, pooling, head

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Compute unit vectors: `[batch, length]` twice -> `[batch, dimension]`."""
        return F.normalize(self.head(self.pooling(self.encoder, ids, mask)), dim=-1)


@torch.no_grad()
def shorten(device: DeviceStudent, max_length: int) -> DeviceStudent:
    """Drop the parameters of positions from `max_length` on, in place; returns the same object."""
    embeddings = device.encoder.embeddings
    kept = embeddings.position_embeddings.weight[:max_length]
    embeddings.position_embeddings = nn.Embedding(*kept.shape)
    embeddings.position_embeddings.weight.copy_(kept)
    device.encoder.config.max_position_embeddings = max_length
    device.pooling.at_positions(torch.arange(max_length))
    return device


@torch.no_grad()
def fuse(student: Student) -> DeviceStudent:
    """Make the device's form of a student, which stays unchanged; every cosine is the same, up to rounding."""
    orthonormal, reduced = torch.linalg.qr(_combined(student))
    head = nn.Linear(reduced.shape[1], reduced.shape[0], bias=False)
    head.weight.copy_(_rotation(student, orthonormal) @ reduced)
    encoder = without_segment(copy.deepcopy(student.encoder))
    return DeviceStudent(encoder, copy.deepcopy(student.pooling), head).eval()


@torch.no_grad()
def without_segment(encoder: ElectraModel) -> ElectraModel:
    """Add the only segment's embedding to every position's, in place; returns the same encoder."""
    embeddings = encoder.embeddings
    embeddings.position_embeddings.weight.add_(embeddings.token_type_embeddings.weight[0])
    embeddings.token_type_embeddings.weight.zero_()
    embeddings.token_type_embeddings.requires_grad_(requires_grad=False)
    return encoder


@torch.no_grad()
def lift(student: Student) -> Tensor:
    """Return the matrix from the vectors of `fuse(student)` to the student's own: `[teacher's width, H]`."""
    orthonormal: Tensor = torch.linalg.qr(_combined(student)).Q
    return (orthonormal @ _rotation(student, orthonormal).T).float()


@torch.no_grad()
def device_classifier(classifier: PairClassifier, lifted: Tensor) -> PairClassifier:
    """Carry a student's pair classifier over to its device's vectors: exact for the first task, diagonal for others.

    `lifted` is the matrix that `lift` returns.
    """
    rotated = PairClassifier(len(classifier.bias), lifted.shape[1])
    rotated.weight.copy_(classifier.weight @ lifted.square())
    rotated.bias.copy_(classifier.bias)
    return rotated


def cosine_transform(size: int) -> Tensor:
    """Build the orthogonal discrete cosine transform (DCT-II): float64 `[size, size]`."""
    steps = torch.arange(size, dtype=torch.float64)
    waves = torch.cos(math.pi / size * (steps + 0.5) * steps[:, None]) * math.sqrt(2 / size)
    waves[0] /= math.sqrt(2)
    return waves


def _combined(student: Student) -> Tensor:
    combined: Tensor = student.projection.weight.double() @ student.adapter.weight.double()
    return combined


def _rotation(student: Student, orthonormal: Tensor) -> Tensor:
    """The rotation of the device's vectors: float64 `[H, H]`."""
    if student.pair_classifier is None:
        return cosine_transform(orthonormal.shape[1])
    form = orthonormal.T @ (student.pair_classifier.weight[0].double()[:, None] * orthonormal)
    vectors: Tensor = torch.linalg.eigh(form).eigenvectors
    return vectors.T
