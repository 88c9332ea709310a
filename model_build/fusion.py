"""The student as the device runs it: encoder, mean pooling, and one small matrix instead of adapter and task layer.

Adapter and task layer are linear, so their product W maps the hidden size H to the teacher's width. W = QR with
orthonormal columns in Q, and Q changes no cosine: |Wx| = |Rx|, (Wx)(Wy) = (Rx)(Ry). The device keeps R alone, `[H,
H]`, and its vectors have H components.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ElectraModel

from model_build.student import Student
from model_build.teacher import mean_pool


class DeviceStudent(nn.Module):
    """Encoder, mean pooling, head."""

    def __init__(self, encoder: ElectraModel, head: nn.Linear) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors `[batch, dimension]`."""
        hidden = self.encoder(ids, attention_mask=mask).last_hidden_state
        return F.normalize(self.head(mean_pool(hidden, mask)), dim=-1)


@torch.no_grad()
def shorten(device: DeviceStudent, max_length: int) -> DeviceStudent:
    """Drop the position embeddings that a device which reads `max_length` pieces never looks up; changes in place."""
    embeddings = device.encoder.embeddings
    kept = embeddings.position_embeddings.weight[:max_length]
    embeddings.position_embeddings = nn.Embedding(*kept.shape)
    embeddings.position_embeddings.weight.copy_(kept)
    device.encoder.config.max_position_embeddings = max_length
    return device


@torch.no_grad()
def fuse(student: Student) -> DeviceStudent:
    """Make the device's form of a student; every cosine stays what it was, up to rounding."""
    combined = student.task_layer.weight.double() @ student.adapter.weight.double()
    reduced = torch.linalg.qr(combined, mode="r").R
    head = nn.Linear(reduced.shape[1], reduced.shape[0], bias=False)
    head.weight.copy_(reduced)
    return DeviceStudent(student.encoder, head).eval()
