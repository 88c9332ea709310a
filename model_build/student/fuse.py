"""The student as the device runs it: encoder, pooling, and one small matrix instead of adapter and task layer.

Adapter and task layer are linear, so their product W maps the width of the pooled states, H, to the teacher's width.
W = QR with orthonormal columns in Q, and Q changes no cosine: |Wx| = |Rx|, (Wx)(Wy) = (Rx)(Ry). The device keeps R
alone, `[H, H]`, and its vectors have H components.

R is triangular and close to diagonal: few large numbers and many small ones in a row, of which rounding to few levels
makes little. A rotation on the left changes no cosine either, so R is turned by a discrete cosine transform, which
spreads each number evenly over a column. On the bundled model's head that brings 1 - cosine under int8 from 7e-4 to
2e-5; random rotations reach 6e-5.

A student with a pair head is turned otherwise: by the eigenvectors of its first task's quadratic form, `Q^T diag(w) Q`.
In the device's vectors that form is diagonal, so that what the teacher's head says of two of the student's vectors, a
head of as many numbers says of the device's. Of further tasks, the head has what is on the diagonal.

The one token type's embedding is part of every position's.
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ElectraModel

from model_build.student.model import Student
from model_build.student.state_pooling import StatePooling
from model_build.teacher.pair_head import PairHead


class DeviceStudent(nn.Module):
    """Encoder, pooling, head."""

    def __init__(self, encoder: ElectraModel, pooling: StatePooling, head: nn.Linear) -> None:
        super().__init__()
        self.encoder, self.pooling, self.head = encoder, pooling, head

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors `[batch, dimension]`."""
        return F.normalize(self.head(self.pooling(self.encoder, ids, mask)), dim=-1)


@torch.no_grad()
def shorten(device: DeviceStudent, max_length: int) -> DeviceStudent:
    """Drop what a device that reads `max_length` pieces never looks up of places beyond; changes in place."""
    embeddings = device.encoder.embeddings
    kept = embeddings.position_embeddings.weight[:max_length]
    embeddings.position_embeddings = nn.Embedding(*kept.shape)
    embeddings.position_embeddings.weight.copy_(kept)
    device.encoder.config.max_position_embeddings = max_length
    device.pooling.shorten(max_length)
    return device


@torch.no_grad()
def fuse(student: Student) -> DeviceStudent:
    """Make the device's form of a student, which stays as it is; every cosine is the same, up to rounding."""
    orthonormal, reduced = torch.linalg.qr(_combined(student))
    head = nn.Linear(reduced.shape[1], reduced.shape[0], bias=False)
    head.weight.copy_(_turn(student, orthonormal) @ reduced)
    encoder = copy.deepcopy(student.encoder)
    embeddings = encoder.embeddings
    embeddings.position_embeddings.weight.add_(embeddings.token_type_embeddings.weight[0])
    embeddings.token_type_embeddings.weight.zero_()
    embeddings.token_type_embeddings.requires_grad_(requires_grad=False)
    return DeviceStudent(encoder, copy.deepcopy(student.pooling), head).eval()


@torch.no_grad()
def lift(student: Student) -> Tensor:
    """What turns the vectors of `fuse(student)` into the student's own: orthonormal columns, `[teacher's width, H]`."""
    orthonormal: Tensor = torch.linalg.qr(_combined(student)).Q
    return (orthonormal @ _turn(student, orthonormal).T).float()


@torch.no_grad()
def device_pair_head(head: PairHead, lifted: Tensor) -> PairHead:
    """A student's pair head for its device's vectors: exact for the first task; see above for others.

    Args:
        head: the student's.
        lifted: what `lift` gives.
    """
    turned = PairHead(len(head.bias), lifted.shape[1])
    turned.weight.copy_(head.weight @ lifted.square())
    turned.bias.copy_(head.bias)
    return turned


def cosine_transform(size: int) -> Tensor:
    """The orthogonal discrete cosine transform (DCT-II): float64 `[size, size]`."""
    places = torch.arange(size, dtype=torch.float64)
    waves = torch.cos(math.pi / size * (places + 0.5) * places[:, None]) * math.sqrt(2 / size)
    waves[0] /= math.sqrt(2)
    return waves


def _combined(student: Student) -> Tensor:
    combined: Tensor = student.task_layer.weight.double() @ student.adapter.weight.double()
    return combined


def _turn(student: Student, orthonormal: Tensor) -> Tensor:
    """The rotation of the device's vectors: float64 `[H, H]`."""
    if student.pair_head is None:
        return cosine_transform(orthonormal.shape[1])
    form = orthonormal.T @ (student.pair_head.weight[0].double()[:, None] * orthonormal)
    vectors: Tensor = torch.linalg.eigh(form).eigenvectors
    return vectors.T
