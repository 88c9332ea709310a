from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from model_build.common.errors import TeacherError
from model_build.common.log import Silence
from model_build.tasks.data import Task
from model_build.tasks.rows import padded
from model_build.tasks.teacher import classifier_teacher, encoder_teacher, is_classifier, label_order
from tests.model_build.tasks.materials import CLASSES, write_classifier

NAMED = {2: "bird", 0: "cat", 1: "dog"}
ELEVEN = {number: f"LABEL_{number}" for number in range(11)}
FAMILIES = ("bert", "electra", "distilbert")


@pytest.fixture(params=FAMILIES)
def classifier(request: pytest.FixtureRequest, teacher_folder: Path, tmp_path: Path) -> Path:
    return write_classifier(tmp_path / "classifier", teacher_folder, request.param, NAMED)


def test_a_classifier_gives_its_own_logits_in_the_order_of_the_tasks_classes(classifier: Path, text_task: Task) -> None:
    teacher = classifier_teacher(str(classifier), CLASSES)
    whole = AutoModelForSequenceClassification.from_pretrained(classifier).eval()
    rows = teacher.rows(text_task.dev, 32)
    tokens = padded(rows, teacher.pad_id)
    with torch.inference_mode():
        expected = whole(input_ids=tokens.ids, attention_mask=tokens.mask).logits
    found = teacher.read(rows, Silence())
    assert torch.allclose(found.logits, expected[:, [2, 0, 1]], atol=1e-5)
    assert torch.allclose(teacher.classifier(found.features), found.logits, atol=1e-5)
    assert is_classifier(str(classifier))


def test_the_teacher_tells_the_texts_of_a_pair_apart(teacher_folder: Path, tmp_path: Path, pair_task: Task) -> None:
    folder = write_classifier(tmp_path / "classifier", teacher_folder, "bert", {0: "0", 1: "1"})
    teacher = classifier_teacher(str(folder), pair_task.classes)
    rows = teacher.rows(pair_task.dev, 32)
    swapped = [row._replace(second=len(row.ids)) for row in rows]
    first, second = teacher.read(rows, Silence()).logits, teacher.read(swapped, Silence()).logits
    assert not torch.allclose(first, second, rtol=0, atol=1e-7)


def test_an_encoder_gets_a_new_last_layer(teacher_folder: Path, text_task: Task) -> None:
    torch.manual_seed(0)
    teacher = encoder_teacher(str(teacher_folder), 3).eval()
    outputs = teacher.read(teacher.rows(text_task.dev, 32), Silence())
    assert outputs.features.shape == (18, 48)
    assert outputs.logits.shape == (18, 3)
    assert not is_classifier(str(teacher_folder))
    assert teacher.width == 48


def test_outputs_are_in_order_whatever_the_batches(teacher_folder: Path, text_task: Task) -> None:
    teacher = encoder_teacher(str(teacher_folder), 3).eval()
    rows = teacher.rows(text_task.train, 32)
    whole, parts = teacher.read(rows, Silence()), teacher.read(rows, Silence(), batch_texts=5)
    assert torch.allclose(whole.features, parts.features, atol=1e-5)
    chosen = np.array([3, 1])
    assert torch.equal(whole.at(chosen).logits, whole.logits[[3, 1]])


@pytest.mark.parametrize(
    ("names", "classes", "order"),
    [
        ({0: "LABEL_0", 1: "LABEL_1"}, ("no", "yes"), [0, 1]),
        ({0: "LABEL_0", 1: "LABEL_1"}, ("0", "1"), [0, 1]),
        (
            {number: f"LABEL_{number}" for number in range(11)},
            tuple(sorted(map(str, range(11)))),
            [0, 1, 10, *range(2, 10)],
        ),
        ({0: "Yes", 1: "No"}, ("no", "yes"), [1, 0]),
    ],
)
def test_labels_are_matched(names: dict[int, str], classes: tuple[str, ...], order: list[int]) -> None:
    assert label_order(names, classes, len(classes), "m") == order


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({0: "a", 1: "b", 2: "c"}, "has 3 labels, the task has 2"),
        ({0: "a", 1: "b"}, "does not know the label 'no'; its labels are a, b"),
        ({0: "no", 1: "NO"}, "does not know the label 'yes'"),
    ],
)
def test_other_labels_are_refused(names: dict[int, str], told: str) -> None:
    with pytest.raises(TeacherError, match=told):
        label_order(names, ("no", "yes"), len(names), "m")


def test_an_encoder_is_no_classifier(teacher_folder: Path) -> None:
    with pytest.raises(TeacherError, match="it is not a fine-tuned classifier"):
        classifier_teacher(str(teacher_folder), CLASSES)
    with pytest.raises(TeacherError, match="does not exist"):
        classifier_teacher("/nowhere", CLASSES)
