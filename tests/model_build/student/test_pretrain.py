from pathlib import Path

import torch

from model_build.common.log import Journal
from model_build.recipe import Recipe
from model_build.student.pretrain import build_student, pretrain, project_embeddings
from model_build.teacher.model import Teacher
from tests.model_build.students import SHAPE


def test_embeddings_start_as_the_teacher_s_projected(teacher: Teacher) -> None:
    tokens = sorted(teacher.vocabulary, key=teacher.vocabulary.__getitem__)[:300]
    full = teacher.embeddings[: len(tokens)]
    whole = project_embeddings(teacher, tokens, full.shape[1])
    centred = full - full.mean(0)
    # All components kept: every distance is the teacher's, up to one scale.
    ratio = torch.cdist(whole, whole)[0, 1:] / torch.cdist(centred, centred)[0, 1:]
    assert torch.allclose(ratio, ratio[0].expand_as(ratio), rtol=1e-3)
    wider = project_embeddings(teacher, tokens, 64)
    assert torch.all(wider[:, full.shape[1] :] == 0)


def test_pretraining_learns_and_repeats(teacher: Teacher, smoke: Recipe, tmp_path: Path) -> None:
    tokens = sorted(teacher.vocabulary, key=teacher.vocabulary.__getitem__)[:300]
    journal = Journal(tmp_path / "journal.jsonl")
    texts = [[2, *([5 + row % 7] * 10), 3] for row in range(200)]  # the masked token is its neighbour

    def train(steps: int) -> tuple[float, torch.Tensor]:
        model = build_student(SHAPE, teacher, tokens, seed=1)
        shape = smoke.student.model_copy(update={"pretraining_steps": steps, "pretraining_learning_rate": 5e-3})
        recipe = smoke.model_copy(update={"student": shape, "seed": 1})
        loss = pretrain(model, texts, recipe, mask_id=4, journal=journal)
        return loss, model.get_input_embeddings().get_parameter("weight").detach()

    (early, _), (late, weights), (_, again) = train(5), train(120), train(120)
    assert late < early / 2
    assert torch.equal(weights, again)
