import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from model_build.common.log import Silence
from model_build.quantization.schemes import MODULES, quantized
from model_build.recipe.task import TaskDistillationRecipe
from model_build.tasks.course import Course
from model_build.tasks.data import Task
from model_build.tasks.student import fuse
from model_build.tasks.target import Classes
from model_build.tasks.teacher import TaskTeacher, encoder_teacher
from model_build.tasks.trainer import Lessons, distil, logits_of
from service.text.pair_row import Row
from tests.model_build.tasks.students import body

STEPS = {"steps": 6, "batch_examples": 12, "qat_fraction": 0.0}


@pytest.fixture
def lessons(teacher_folder: object, text_task: Task) -> Lessons:
    torch.manual_seed(0)
    teacher = encoder_teacher(str(teacher_folder), 3).eval()
    nn.init.normal_(teacher.classifier.weight)
    teacher_rows = teacher.rows(text_task.train, 32)
    rows = [Row([one % 300 for one in row.ids], row.second, row.truncated) for row in teacher_rows]
    target = Classes(text_task.classes)
    values = target.values(text_task.train.labels)
    return Lessons(rows, target, values, teacher, teacher_rows, teacher.read(teacher_rows, Silence()))


def weights(teacher: TaskTeacher | None) -> dict[str, torch.Tensor]:
    assert teacher is not None
    return copy.deepcopy(teacher.state_dict())


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


ARMS: tuple[dict[str, object], ...] = (
    {"classifier": "own", "feature_weight": 0.0, "logit_kl_weight": 0.0},
    {"classifier": "own", "feature_weight": 0.0},
    {"classifier": "own", "feature_weight": 0.0, "shadow_head": True},
    {"classifier": "frozen", "label_weight": 0.0, "logit_kl_weight": 0.0},
    {"classifier": "copied"},
    {"classifier": "shared", "teacher_trains": "classifier"},
    {"classifier": "shared", "teacher_trains": "whole"},
    {"classifier": "copied", "teacher_trains": "whole"},
)


@pytest.mark.parametrize("changes", ARMS, ids=repr)
def test_every_arm_trains_and_leaves_its_lessons_as_they_were(changes: dict[str, object], lessons: Lessons) -> None:
    before = weights(lessons.teacher)
    recipe = TaskDistillationRecipe.model_validate(STEPS | changes)
    student = distil(body(), lessons, recipe, 1, Silence())
    again = distil(body(), lessons, recipe, 1, Silence())
    assert equal(weights(lessons.teacher), before)
    assert equal(student.state_dict(), again.state_dict())
    assert not equal(body().encoder.state_dict(), student.encoder.state_dict())
    assert not student.training


def test_a_student_learns_its_task_from_the_labels(lessons: Lessons) -> None:
    changes = {"classifier": "own", "feature_weight": 0.0, "logit_kl_weight": 0.0, "student_learning_rate": 3e-3}
    recipe = TaskDistillationRecipe.model_validate(STEPS | changes | {"steps": 60})
    student = distil(body(), lessons, recipe, 1, Silence())
    decisions = logits_of(student, lessons.rows, 3).argmax(1)
    assert (decisions == lessons.values).mean() > 0.9


def test_the_course_has_the_loss_of_each_step_and_changes_nothing(lessons: Lessons) -> None:
    schemes = dict.fromkeys(MODULES, "int8")
    recipe = TaskDistillationRecipe.model_validate(STEPS | {"qat_fraction": 0.5, "teacher_trains": "classifier"})
    course = Course()
    watched = distil(body(), lessons, recipe, 1, Silence(), schemes, course)
    assert equal(watched.state_dict(), distil(body(), lessons, recipe, 1, Silence(), schemes).state_dict())
    assert course.rounded_from == 3
    assert [step for step, _ in course.curve] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(loss) and loss > 0 for _, loss in course.curve)
    assert not any(loss.requires_grad for loss in course.losses)


def test_without_rounding_the_course_says_so(lessons: Lessons) -> None:
    course = Course()
    distil(body(), lessons, TaskDistillationRecipe.model_validate(STEPS), 1, Silence(), course=course)
    assert course.rounded_from is None


def test_a_frozen_classifier_stays_and_its_features_are_approached(lessons: Lessons) -> None:
    changes = {"classifier": "frozen", "label_weight": 0.0, "logit_kl_weight": 0.0}
    student = distil(body(), lessons, TaskDistillationRecipe.model_validate(STEPS | changes), 1, Silence())
    assert lessons.teacher is not None
    assert torch.equal(student.classifier.weight, lessons.teacher.classifier.weight)
    assert not student.classifier.weight.requires_grad


def test_the_last_steps_train_with_quantized_weights(lessons: Lessons) -> None:
    schemes = dict.fromkeys(MODULES, "int8")
    recipe = TaskDistillationRecipe.model_validate(STEPS | {"qat_fraction": 0.5})
    aware = distil(body(), lessons, recipe, 1, Silence(), schemes)
    unaware = distil(body(), lessons, recipe, 1, Silence())
    assert not equal(aware.state_dict(), unaware.state_dict())
    assert aware.state_dict().keys() == unaware.state_dict().keys()
    rounded = quantized(fuse(aware), schemes)
    assert np.isfinite(logits_of(rounded, lessons.rows, 3)).all()


def test_examples_without_labels_teach_what_the_teacher_says(lessons: Lessons) -> None:
    few = replace(lessons, values=lessons.values[:3])
    other = replace(few, values=(few.values + 1) % 3)
    recipe = TaskDistillationRecipe.model_validate(STEPS | {"classifier": "copied"})
    silent = recipe.model_copy(update={"label_weight": 0.0})

    def trained(taught: Lessons, how: TaskDistillationRecipe) -> dict[str, torch.Tensor]:
        return distil(body(), taught, how, 1, Silence()).state_dict()

    assert not equal(trained(few, recipe), trained(other, recipe))
    assert equal(trained(few, silent), trained(other, silent))
