from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.log import Journal
from model_build.distillation.data import Examples
from model_build.distillation.trainer import CrossDistillation, schedule
from model_build.pair_tasks import Lessons
from model_build.quantization.schemes import start_rounding
from model_build.recipe import DistillationRecipe
from model_build.student.model import Student, embed
from model_build.teacher.model import identity_layer
from model_build.teacher.pair_head import PairHead
from model_build.teacher.targets import FrozenFeatures
from tests.model_build.students import PIECES, rows, student

SCHEMES = {"embeddings": "int4", "attention": "int4", "feed_forward": "int4", "head": "int8"}
TEXTS = 160


@pytest.fixture(scope="module")
def examples() -> Examples:
    """The teacher's vector of a text is the sum of fixed random vectors of its tokens: a student can learn that."""
    known = rows(TEXTS)
    table = np.random.default_rng(1).normal(size=(PIECES, 48))
    vectors = np.stack([table[row].sum(0) for row in known])
    features = FrozenFeatures((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16))
    pairs = np.stack([np.arange(40), np.arange(40, 80)], axis=1)
    return Examples(known, pairs, features, features)


class Stopping(Examples):
    """The same examples, whose anchor stops the run after some batches."""

    def __init__(self, examples: Examples, batches: int) -> None:
        super().__init__(examples.rows, examples.pairs, examples.features, StoppingFeatures(examples.anchor, batches))


class StoppingFeatures(FrozenFeatures):
    def __init__(self, features: FrozenFeatures, batches: int) -> None:
        self._features, self._left = features, batches

    def __call__(self, places: NDArray[np.int64]) -> Tensor:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._features(places)


def recipe(**values: object) -> DistillationRecipe:
    base = {"steps": 30, "batch_texts": 16, "warmup_steps": 3, "validate_every": 10, "checkpoint_every": 5}
    return DistillationRecipe.model_validate({**base, **values})


def nothing(_: nn.Module) -> Mapping[str, float]:
    return {}


def train(
    examples: Examples, folder: Path, chosen: DistillationRecipe, layer: nn.Linear | None = None
) -> tuple[nn.Module, nn.Linear, list[dict[str, float]]]:
    folder.mkdir(exist_ok=True)
    learner, task_layer = student(), layer or identity_layer(48)
    run = CrossDistillation(learner, task_layer, examples, chosen, 1, SCHEMES)
    curve = run.run(folder, nothing, Journal(folder / "journal.jsonl"))
    return learner, task_layer, curve


def agreement(learner: nn.Module, task_layer: nn.Linear, examples: Examples) -> float:
    with torch.no_grad():
        target = F.normalize(task_layer(examples.features(np.arange(TEXTS))), dim=-1).numpy()
    return float((embed(learner, examples.rows) * target).sum(1).mean())


@pytest.mark.parametrize("integration", [True, False])
@pytest.mark.parametrize("interplay", [True, False])
def test_every_form_brings_the_student_to_its_teacher(
    examples: Examples, tmp_path: Path, integration: bool, interplay: bool
) -> None:
    chosen = recipe(steps=120, parameter_integration=integration, mutual_interplay=interplay, teacher_rate=1e-3)
    learner, task_layer, curve = train(examples, tmp_path, chosen)
    assert agreement(student(), task_layer, examples) < 0.2
    assert agreement(learner, task_layer, examples) > 0.4
    assert curve[-1]["representation"] < 0.7 * curve[0]["representation"]
    assert ("teacher_distribution" in curve[-1]) is interplay
    moved = not torch.equal(task_layer.weight, torch.eye(48))
    assert moved is interplay


def test_parameter_integration_shares_the_task_layer(examples: Examples, tmp_path: Path) -> None:
    given = nn.Linear(48, 48, bias=False)
    for integration in (True, False):
        learner, task_layer, _ = train(
            examples, tmp_path / str(integration), recipe(parameter_integration=integration), given
        )
        assert (learner.get_submodule("task_layer") is task_layer) is integration


def test_a_copied_task_layer_trains_with_the_student_alone(examples: Examples, tmp_path: Path) -> None:
    given = nn.Linear(48, 48, bias=False)
    before = given.weight.detach().clone()
    learner, _, _ = train(examples, tmp_path, recipe(integration_shares=False, mutual_interplay=False), given)
    copied = learner.get_submodule("task_layer").get_parameter("weight")
    assert torch.equal(given.weight, before)
    assert 0.001 < (copied - before).abs().max() < 0.5


def test_a_teacher_that_adapts_early_is_then_what_it_was(examples: Examples, tmp_path: Path) -> None:
    layers = {}
    for share in (0.0, 0.5, 1.0):
        chosen = recipe(interplay_share=share, teacher_rate=1e-3)
        _, layers[share], curve = train(examples, tmp_path / str(share), chosen)
        adapted = ["teacher_anchor" in point for point in curve]
        assert adapted == [share > 0, share > 0, share == 1]
    assert torch.equal(layers[0.0].weight, torch.eye(48))
    moved = {share: float((layer.weight.detach() - torch.eye(48)).abs().mean()) for share, layer in layers.items()}
    assert 0 < moved[0.5] < moved[1.0]


def test_a_teacher_that_does_not_follow_still_has_its_task(examples: Examples, tmp_path: Path) -> None:
    chosen = recipe(
        steps=60,
        teacher_rate=1e-2,
        teacher_follows=0.0,
        anchor_weight=0.0,
        task_weight=1.0,
        parameter_integration=False,
    )
    _, _, curve = train(examples, tmp_path, chosen)
    assert curve[-1]["teacher_representation"] == curve[-1]["teacher_distribution"] == 0
    assert curve[-1]["teacher_task"] < 0.5 * curve[0]["teacher_task"]


def test_one_way_distillation_never_touches_the_teacher(examples: Examples, tmp_path: Path) -> None:
    given = nn.Linear(48, 48, bias=False)
    before = given.weight.detach().clone()
    train(examples, tmp_path, recipe(parameter_integration=True, mutual_interplay=False), given)
    assert torch.equal(given.weight, before)


def test_the_anchor_holds_the_teacher(examples: Examples, tmp_path: Path) -> None:
    moved = []
    for weight in (0.0, 20.0):
        chosen = recipe(steps=60, teacher_rate=1e-2, anchor_weight=weight)
        _, layer, _ = train(examples, tmp_path / str(weight), chosen)
        with torch.no_grad():
            before = examples.anchor(np.arange(TEXTS))
            moved.append(1 - float((F.normalize(layer(before), dim=-1) * before).sum(-1).mean()))
    assert moved[1] < moved[0] / 2


@pytest.mark.parametrize("rounded_share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("stopped_after", [7, 13, 20, 27])
def test_a_resumed_run_ends_as_an_undisturbed_one(
    examples: Examples, tmp_path: Path, stopped_after: int, rounded_share: float
) -> None:
    chosen = recipe(rounded_share=rounded_share)
    whole, whole_layer, whole_curve = train(examples, tmp_path / "whole", chosen)
    (tmp_path / "stopped").mkdir()
    learner, layer = student(), identity_layer(48)
    run = CrossDistillation(learner, layer, Stopping(examples, stopped_after), chosen, 1, SCHEMES)
    with pytest.raises(KeyboardInterrupt):
        run.run(tmp_path / "stopped", nothing, Journal(tmp_path / "journal.jsonl"))
    resumed, resumed_layer, resumed_curve = train(examples, tmp_path / "stopped", chosen)
    assert all(torch.equal(value, whole.state_dict()[name]) for name, value in resumed.state_dict().items())
    assert torch.equal(resumed_layer.weight, whole_layer.weight)
    assert resumed_curve == whole_curve


def test_a_student_that_trained_rounded_is_the_better_rounded_one(examples: Examples, tmp_path: Path) -> None:
    rounded = []
    for share in (0.0, 0.5):
        learner, task_layer, _ = train(examples, tmp_path / str(share), recipe(steps=120, rounded_share=share))
        assert not any("parametrizations" in name for name in learner.state_dict())
        exact = agreement(learner, task_layer, examples)
        start_rounding(learner, SCHEMES)
        rounded.append(agreement(learner, task_layer, examples))
        assert rounded[-1] != exact
    assert rounded[1] > rounded[0]


def test_training_in_bfloat16_leads_to_about_the_same(examples: Examples, tmp_path: Path) -> None:
    found = []
    for precision in ("float32", "bfloat16"):
        learner, task_layer, _ = train(examples, tmp_path / precision, recipe(steps=120, precision=precision))
        assert all(value.dtype == torch.float32 for value in learner.state_dict().values())
        found.append(agreement(learner, task_layer, examples))
    assert found[1] == pytest.approx(found[0], abs=0.03)


def test_the_rate_rises_and_falls() -> None:
    rates = [schedule(step, 100, 10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def taught(
    examples: Examples, folder: Path, chosen: DistillationRecipe
) -> tuple[Student, PairHead, list[dict[str, float]]]:
    """Train with lessons: pairs that match where the teacher's vectors lie on one side of a plane."""
    folder.mkdir(exist_ok=True)
    head, learner = PairHead(1, 48), student(tasks=1)
    torch.nn.init.normal_(head.weight, generator=torch.Generator().manual_seed(0))
    pairs = np.random.default_rng(2).integers(0, TEXTS, (120, 2))
    sides = examples.anchor(np.arange(TEXTS)).numpy()[:, 0] > 0
    labels = (sides[pairs[:, 0]] == sides[pairs[:, 1]]).astype(np.float32)
    lessons = Lessons(
        Examples(examples.rows, pairs, examples.features, examples.anchor), labels, np.zeros(120, int), head
    )
    run = CrossDistillation(learner, identity_layer(48), examples, chosen, 1, SCHEMES, lessons)
    return learner, head, run.run(folder, nothing, Journal(folder / "journal.jsonl"))


@pytest.mark.parametrize("integration", [True, False])
def test_lessons_bring_the_student_to_its_teacher_s_judgement(
    examples: Examples, tmp_path: Path, integration: bool
) -> None:
    chosen = recipe(steps=120, parameter_integration=integration, mutual_interplay=False, lesson_every=1)
    learner, head, curve = taught(examples, tmp_path, chosen)
    assert (learner.pair_head is head) is integration
    assert curve[-1]["lesson_judgement"] < curve[0]["lesson_judgement"]
    assert curve[-1]["lesson_labels"] > 0


def test_a_head_moves_with_the_teacher_alone_or_as_a_copy(examples: Examples, tmp_path: Path) -> None:
    first = torch.nn.init.normal_(PairHead(1, 48).weight, generator=torch.Generator().manual_seed(0))
    for interplay, shares in ((True, True), (False, True), (False, False)):
        chosen = recipe(mutual_interplay=interplay, integration_shares=shares, lesson_every=2, teacher_rate=1e-3)
        learner, head, curve = taught(examples, tmp_path / f"{interplay}{shares}", chosen)
        assert learner.pair_head is not None
        assert torch.equal(head.weight, first) is not interplay
        assert torch.equal(learner.pair_head.weight, first) is (not interplay and shares)
        assert ("lesson_teacher_labels" in curve[-1]) is interplay


def test_lessons_go_on_from_a_checkpoint(examples: Examples, tmp_path: Path) -> None:
    chosen = recipe(lesson_every=2, teacher_rate=1e-3)
    whole, head, _ = taught(examples, tmp_path / "whole", chosen)
    with pytest.raises(KeyboardInterrupt):
        taught(Stopping(examples, 40), tmp_path / "stopped", chosen)
    resumed, other, _ = taught(examples, tmp_path / "stopped", chosen)
    assert torch.equal(head.weight, other.weight)
    assert all(map(torch.equal, whole.state_dict().values(), resumed.state_dict().values()))
