from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from model_build.common.log import Silence
from model_build.recipe.task import FineTuningRecipe
from model_build.tasks.data import Task
from model_build.tasks.finetune import EARLY, FINE_TUNED, fine_tune, restore, start_comparing
from model_build.tasks.rows import padded, rows_of
from model_build.tasks.target import Classes
from model_build.tasks.teacher import TaskTeacher, encoder_teacher

RECIPE = FineTuningRecipe(epochs=8, batch_examples=8, learning_rate=3e-3, precision="float32")


def test_a_fine_tuned_encoder_knows_its_task_and_the_best_epoch_is_kept(
    teacher_folder: Path, text_task: Task, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    teacher = encoder_teacher(str(teacher_folder), 3)
    target = Classes(text_task.classes)
    course = fine_tune(teacher, text_task, target, 32, RECIPE, 1, tmp_path, Silence())
    rows, expected = teacher.rows(text_task.dev, 32), target.values(text_task.dev.labels)
    logits = teacher.read(rows, Silence()).logits
    assert len(course.curve) == 8
    assert course.curve[course.epoch - 1] == max(course.curve) == np.mean(logits.argmax(1).numpy() == expected)
    assert max(course.curve) > 0.8
    loaded = restore(encoder_teacher(str(teacher_folder), 3), tmp_path / FINE_TUNED)
    assert torch.equal(loaded.read(rows, Silence()).logits, logits)
    early = restore(encoder_teacher(str(teacher_folder), 3), tmp_path / EARLY)
    assert np.mean(early.read(rows, Silence()).logits.argmax(1).numpy() == expected) == course.curve[0]


def test_a_teacher_that_reads_pairs_apart_starts_with_their_cosines(teacher_folder: Path, pair_task: Task) -> None:
    teacher = encoder_teacher(str(teacher_folder), 2, apart=True).eval()
    rows, target = teacher.rows(pair_task.train, 16), Classes(pair_task.classes)
    features = teacher.read(rows, Silence()).features
    sides = [encoder_teacher(str(teacher_folder), 2).eval() for _ in range(2)]
    vectors = [
        F.normalize(one.body(padded(rows_of([column_ids], (2, 3), 16), 0)), dim=-1)
        for one, column_ids in zip(sides, _ids(teacher, pair_task), strict=True)
    ]
    cosines = features.sum(1) / features.shape[1] ** 0.5
    assert torch.allclose(cosines, (vectors[0] * vectors[1]).sum(1), atol=1e-5)
    start_comparing(teacher, target, features, target.values(pair_task.train.labels))
    logits = teacher.read(rows, Silence()).logits
    slope = logits[:, 1] - logits[:, 0]
    assert torch.corrcoef(torch.stack([slope, cosines]))[0, 1] > 0.999
    assert target.quality(logits.double().numpy(), target.values(pair_task.train.labels)) > 0.8


def _ids(teacher: TaskTeacher, task: Task) -> list[list[list[int]]]:
    return [teacher.tokenizer(list(column), add_special_tokens=False)["input_ids"] for column in task.train.columns]
