from pathlib import Path

import pytest
import torch

from model_build.student.model import load_encoder, save_encoder
from model_build.student.pretrain import build_student
from model_build.teacher.model import Teacher
from tests.model_build.students import SHAPE


def test_saving_the_encoder_keeps_it(teacher: Teacher, tmp_path: Path) -> None:
    tokens = sorted(teacher.vocabulary, key=teacher.vocabulary.__getitem__)[:300]
    model = build_student(SHAPE, teacher, tokens, seed=1)
    save_encoder(model.electra, tmp_path)
    loaded = load_encoder(tmp_path)
    kept = model.electra.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in loaded.state_dict().items())


def test_the_shape_must_divide_into_heads() -> None:
    with pytest.raises(ValueError, match="multiple of attention_heads"):
        type(SHAPE).model_validate(SHAPE.model_dump() | {"attention_heads": 3})
