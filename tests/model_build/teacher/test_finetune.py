import json
from pathlib import Path

import pytest
import torch

from model_build.common.errors import TeacherError
from model_build.common.log import Journal
from model_build.corpus.pairs import PairTasks
from model_build.recipe import TeacherRecipe
from model_build.teacher.finetune import fine_tuned, load_classifier
from model_build.teacher.model import Teacher

RECIPE = TeacherRecipe.model_validate(
    {
        "model": "unused",
        "max_length": 32,
        "precision": "float32",
        "fine_tuning": {"layers": 1, "epochs": 6, "batch_pairs": 16, "learning_rate": 3e-3},
    }
)


@pytest.fixture(scope="module")
def tuned(teacher: Teacher, tasks: PairTasks, tmp_path_factory: pytest.TempPathFactory) -> tuple[Teacher, Path]:
    place = tmp_path_factory.mktemp("tuned")
    return fine_tuned(teacher, tasks, RECIPE, 1, place, Journal(place / "journal.jsonl")), place


def test_the_copy_judges_better_than_the_teacher_did(tuned: tuple[Teacher, Path]) -> None:
    before, after = (json.loads(line) for line in (tuned[1] / "journal.jsonl").read_text().splitlines())
    for task in ("same", "too"):
        assert after[f"{task} ROC-AUC"] >= before[f"{task} ROC-AUC"] - 0.02
        assert after[f"{task} accuracy"] > 0.6


def test_only_the_top_layers_of_the_copy_change(teacher: Teacher, tuned: tuple[Teacher, Path]) -> None:
    old, new = teacher.model.state_dict(), tuned[0].model.state_dict()
    changed = {name.split(".")[2] for name in old if not torch.equal(old[name], new[name]) and "layer." in name}
    assert changed == {"1"}
    assert torch.equal(teacher.embeddings, tuned[0].embeddings)


def test_what_is_done_is_taken_up(teacher: Teacher, tasks: PairTasks, tuned: tuple[Teacher, Path]) -> None:
    lines = (tuned[1] / "journal.jsonl").read_text()
    again = fine_tuned(teacher, tasks, RECIPE, 1, tuned[1], Journal(tuned[1] / "journal.jsonl"))
    assert (tuned[1] / "journal.jsonl").read_text() == lines
    assert all(map(torch.equal, again.model.state_dict().values(), tuned[0].model.state_dict().values()))
    assert load_classifier(tuned[1]).weight.shape == (2, teacher.dimension)


def test_more_layers_than_there_are_is_reported(teacher: Teacher, tasks: PairTasks, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"fine_tuning": RECIPE.fine_tuning.model_copy(update={"layers": 3})})
    with pytest.raises(TeacherError, match=r"fine_tuning\.layers is 3; the teacher has 2"):
        fine_tuned(teacher, tasks, recipe, 1, tmp_path, Journal(tmp_path / "journal.jsonl"))
    assert not (tmp_path / "fine_tuned.pt").exists()
