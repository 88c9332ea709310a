import torch
from torch import nn

from model_build.student.fuse import fuse as fuse_encoder
from model_build.tasks.rows import padded
from model_build.tasks.student import TaskStudent, fuse, initial_body
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
    assert torch.allclose(start.pooling(start.encoder, TOKENS.ids, TOKENS.mask, TOKENS.segments), before, atol=1e-6)


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
    assert start.pooling.last_weights is not None
    assert start.pooling.last_weights.positions.shape == (40,)


def test_segments_change_what_is_read() -> None:
    made = task_student(nn.Linear(56, 3))
    with torch.no_grad():
        both, one = made(TOKENS).logits, made(padded([row._replace(second=len(row.ids)) for row in ROWS], 0)).logits
    assert not torch.allclose(both, one, atol=1e-4)


def test_an_own_classifier_needs_no_adapter() -> None:
    width = body().pooling.width
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
