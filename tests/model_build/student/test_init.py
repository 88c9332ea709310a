from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.common.log import Journal
from model_build.corpus.build import Corpus
from model_build.quantization.schemes import schemes_of, simulate
from model_build.recipe import Recipe, load_recipe
from model_build.student.fuse import DeviceStudent, fuse, lift
from model_build.student.init import TASK_LAYER, fit_adapter, tuned_student
from model_build.student.model import Student, embed
from model_build.teacher.embed import VECTORS
from model_build.teacher.model import identity_layer
from tests.model_build.materials import RECIPES
from tests.model_build.students import PIECES, rows, student

TEXTS = 160
CORPUS = Corpus([], [], np.array([[0, 1], [2, 3], [4, 5], [6, 7]]), ())


@pytest.fixture
def teacher_folder(tmp_path: Path) -> Path:
    """The teacher's vector of a text is the sum of fixed random vectors of its tokens: a student can learn that."""
    table = np.random.default_rng(1).normal(size=(PIECES, 48))
    np.save(tmp_path / VECTORS, np.stack([table[row].sum(0) for row in rows(TEXTS)]).astype(np.float16))
    torch.save(identity_layer(48).state_dict(), tmp_path / TASK_LAYER)
    return tmp_path


def recipe(*overrides: str) -> Recipe:
    schemes = [f"quantization.{module}=int4" for module in ("embeddings", "attention", "feed_forward")]
    settings = ["teacher.trainable_layers=0", "distillation.batch_texts=16", "quantization.tuning_steps=60"]
    return load_recipe(RECIPES / "smoke.toml", [*schemes, *settings, *overrides])


def rounded(device: DeviceStudent, learner: Student) -> np.ndarray:
    """The vectors of a device's form of the student, rounded, in the teacher's space."""
    vectors = embed(simulate(device, schemes_of(recipe().quantization)), rows(TEXTS))
    return np.asarray(vectors @ lift(learner).numpy().T)


def tuned(learner: Student, folder: Path, *overrides: str) -> DeviceStudent:
    journal = Journal(folder / "journal.jsonl")
    return tuned_student(recipe(*overrides), learner, CORPUS, rows(TEXTS), folder, folder, journal)


def test_a_fitted_adapter_brings_a_trained_encoder_close_to_its_teacher(teacher_folder: Path) -> None:
    learner = student(first=True)
    learner.task_layer = identity_layer(48)
    theirs = np.load(teacher_folder / VECTORS).astype(np.float32)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    before = (embed(learner, rows(TEXTS)) * theirs).sum(1).mean()
    fit_adapter(learner, rows(TEXTS), teacher_folder)
    after = (embed(learner, rows(TEXTS)) * theirs).sum(1).mean()
    assert before < 0.3
    assert after > 0.6
    assert learner.adapter.weight.requires_grad


def test_tuning_towards_the_student_brings_its_vectors_back(teacher_folder: Path) -> None:
    learner = student()
    own = embed(learner, rows(TEXTS))
    device = tuned(learner, teacher_folder, "quantization.tuning_rate=1e-4")
    assert (rounded(device, learner) * own).sum() > (rounded(fuse(learner), learner) * own).sum()
    assert np.array_equal(embed(learner, rows(TEXTS)), own)


@pytest.mark.parametrize("integrated", ["true", "false"])
def test_tuning_towards_the_teacher_goes_on_with_distillation(integrated: str, teacher_folder: Path) -> None:
    learner = student()
    own = embed(learner, rows(TEXTS))
    theirs = np.load(teacher_folder / VECTORS).astype(np.float32)
    if integrated == "true":  # then the teacher's task layer is the student's
        theirs = theirs @ learner.task_layer.weight.detach().numpy().T
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    settings = ("quantization.tuning_target=teacher", "quantization.tuning_rate=3e-3")
    device = tuned(learner, teacher_folder, *settings, f"distillation.parameter_integration={integrated}")
    before, after = ((rounded(one, learner) * theirs).sum(1).mean() for one in (fuse(learner), device))
    assert after > before + 0.05
    assert np.array_equal(embed(learner, rows(TEXTS)), own)
