from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.common.log import Journal
from model_build.student.model import build_student, embed, load_encoder, pretrain, project_embeddings, save_encoder
from model_build.teacher.model import Teacher
from tests.model_build.students import SHAPE, rows, student


def test_embeddings_start_as_the_teacher_s_projected(teacher: Teacher) -> None:
    pieces = sorted(teacher.vocabulary, key=teacher.vocabulary.__getitem__)[:300]
    full = teacher.embeddings[: len(pieces)]
    whole = project_embeddings(teacher, pieces, full.shape[1])
    centred = full - full.mean(0)
    # All components kept: every distance is the teacher's, up to one scale.
    ratio = torch.cdist(whole, whole)[0, 1:] / torch.cdist(centred, centred)[0, 1:]
    assert torch.allclose(ratio, ratio[0].expand_as(ratio), rtol=1e-3)
    wider = project_embeddings(teacher, pieces, 64)
    assert torch.all(wider[:, full.shape[1] :] == 0)


def test_pretraining_learns_and_repeats(teacher: Teacher, tmp_path: Path) -> None:
    pieces = sorted(teacher.vocabulary, key=teacher.vocabulary.__getitem__)[:300]
    journal = Journal(tmp_path / "journal.jsonl")
    texts = [[2, *([5 + row % 7] * 10), 3] for row in range(200)]  # the masked token is its neighbour

    def train(steps: int) -> tuple[float, torch.Tensor]:
        model = build_student(SHAPE, teacher, pieces, seed=1)
        loss = pretrain(
            model, texts, mask_id=4, first_piece=5, steps=steps, rate=5e-3, batch_texts=32, seed=1, journal=journal
        )
        return loss, model.get_input_embeddings().get_parameter("weight").detach()

    (early, _), (late, weights), (_, again) = train(5), train(120), train(120)
    assert late < early / 2
    assert torch.equal(weights, again)


def test_vectors_keep_the_order_of_their_texts() -> None:
    model, known = student(), rows()
    together = embed(model, known, batch_texts=16)
    alone = np.concatenate([embed(model, [row]) for row in known])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_saving_the_encoder_keeps_it(teacher: Teacher, tmp_path: Path) -> None:
    pieces = sorted(teacher.vocabulary, key=teacher.vocabulary.__getitem__)[:300]
    model = build_student(SHAPE, teacher, pieces, seed=1)
    save_encoder(model.electra, tmp_path)
    loaded = load_encoder(tmp_path)
    kept = model.electra.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in loaded.state_dict().items())


def test_the_shape_must_divide_into_heads() -> None:
    with pytest.raises(ValueError, match="multiple of attention_heads"):
        type(SHAPE).model_validate(SHAPE.model_dump() | {"attention_heads": 3})
