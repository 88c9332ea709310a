import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from model_build.student.fuse import fuse as fuse_encoder
from model_build.student.pair_pooling import PairPooling
from model_build.student.pooling import StatePooling
from model_build.tasks.rows import padded
from model_build.tasks.student import TaskStudent, fuse, initial_body
from service.heads.pair_features import pair_features
from service.text.pair_row import joined
from tests.model_build.students import student
from tests.model_build.tasks.students import body

ROWS = [joined([[7, 8, 9], [10, 11]], 2, 3, 32), joined([[12], [13, 14, 15, 16]], 2, 3, 32)]
TOKENS = padded(ROWS, 0)


def task_student(classifier: nn.Linear, *, segments: int = 2) -> TaskStudent:
    start = body(segments=segments)
    torch.manual_seed(3)
    made = TaskStudent(start.encoder, start.pooling, classifier).eval()
    nn.init.normal_(made.encoder.embeddings.token_type_embeddings.weight)
    return made


def test_the_start_is_the_released_encoder() -> None:
    released = fuse_encoder(student(weighted=True, first=True))
    start = initial_body(released, torch.arange(300), max_length=32, segments=2)
    before = released.pooling(released.encoder, TOKENS.ids, TOKENS.mask)
    found = start.pooling(start.encoder, TOKENS.ids, TOKENS.mask, TOKENS.segments)
    assert torch.allclose(found[:, : before.shape[1]], before, atol=1e-6)


def test_a_pruned_vocabulary_keeps_the_rows_of_its_tokens() -> None:
    released = fuse_encoder(student(weighted=True, first=True))
    kept = torch.tensor([0, 1, 2, 3, 4, 20, 10])
    start = initial_body(released, kept, max_length=32, segments=1)
    own, before = torch.tensor([[2, 5, 6, 3]]), torch.tensor([[2, 20, 10, 3]])
    mask = torch.ones_like(own)
    found = start.pooling(start.encoder, own, mask)
    assert torch.allclose(found, released.pooling(released.encoder, before, mask), atol=1e-6)


def test_positions_beyond_the_released_ones_start_as_the_last() -> None:
    start = body(max_length=40)
    positions = start.encoder.embeddings.position_embeddings.weight
    assert positions.shape[0] == 40
    assert torch.equal(positions[39], positions[31])
    assert isinstance(start.pooling, StatePooling)
    assert start.pooling.last_weights is not None
    assert start.pooling.last_weights.positions.shape == (40,)


def test_segments_change_what_is_read() -> None:
    made = task_student(nn.Linear(152, 3))
    with torch.no_grad():
        both, one = made(TOKENS).logits, made(padded([row._replace(second=len(row.ids)) for row in ROWS], 0)).logits
    assert not torch.allclose(both, one, atol=1e-4)


def test_an_own_classifier_needs_no_adapter() -> None:
    width = body(segments=2).pooling.width
    assert isinstance(task_student(nn.Linear(width, 3)).adapter, nn.Identity)
    assert isinstance(task_student(nn.Linear(48, 3)).adapter, nn.Linear)


@torch.no_grad()
def test_the_device_decides_as_the_student() -> None:
    for segments in (1, 2):
        for width in (body().pooling.width, 48):
            made = task_student(nn.Linear(width, 3), segments=segments)
            before = made(TOKENS).logits
            assert torch.allclose(fuse(made)(TOKENS), before, atol=1e-5)
            assert torch.equal(made(TOKENS).logits, before)


def test_texts_of_a_pair_are_compared_as_a_head_compares_vectors() -> None:
    start = body(segments=2)
    assert isinstance(start.pooling, PairPooling)
    found = start.pooling(start.encoder, TOKENS.ids, TOKENS.mask, TOKENS.segments)
    states = start.pooling.whole.read(start.encoder, TOKENS.ids, TOKENS.mask, TOKENS.segments)
    masks = (
        torch.tensor([[1, 1, 1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]]),
        torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1, 1]]),
    )
    with torch.no_grad():
        left, right = (start.pooling.comparison(start.pooling.whole.pool(states, mask)) for mask in masks)
        expected = pair_features(*(F.normalize(side, dim=-1).numpy() for side in (left, right)))
    assert np.allclose(found[:, start.pooling.whole.width :].detach().numpy(), expected, atol=1e-5)


def test_the_comparison_starts_with_the_released_cosines() -> None:
    released = fuse_encoder(student(weighted=True, first=True))
    start = initial_body(released, torch.arange(300), max_length=32, segments=2)
    assert isinstance(start.pooling, PairPooling)
    texts = torch.randn(50, released.pooling.width)
    with torch.no_grad():
        before, after = (F.normalize(layer(texts), dim=-1) for layer in (released.head, start.pooling.comparison))
    assert torch.allclose(before @ before.T, after @ after.T, atol=1e-4)
