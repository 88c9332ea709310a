from pathlib import Path

import numpy as np
import torch

from model_build.common.log import Silence
from model_build.recipe.task import FineTuningRecipe
from model_build.tasks.data import Task
from model_build.tasks.finetune import EARLY, FINE_TUNED, fine_tune, restore
from model_build.tasks.target import Classes
from model_build.tasks.teacher import encoder_teacher

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
