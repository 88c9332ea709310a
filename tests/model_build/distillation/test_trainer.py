from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.batching import embed_rows
from model_build.common.log import Journal
from model_build.distillation.data import Examples
from model_build.distillation.pair_batches import SupervisedPairs
from model_build.distillation.trainer import CrossDistillation
from model_build.quantization.schemes import start_fake_quantization
from model_build.recipe import DistillationRecipe
from model_build.student.model import Student
from model_build.teacher.model import identity_projection
from model_build.teacher.pair_classifier import PairClassifier
from model_build.teacher.targets import CachedVectors
from tests.model_build import students
from tests.model_build.students import PIECES, SHAPE, rows

SCHEMES = {"embeddings": "int4", "attention": "int4", "feed_forward": "int4", "head": "int8"}
TEXTS = 160
ENOUGH = 60
"""Steps after which a student is near its teacher."""


@pytest.fixture(scope="module")
def examples() -> Examples:
    """The teacher's vector of a text is the sum of fixed random vectors of its tokens: a student can learn that."""
    known = rows(TEXTS)
    table = np.random.default_rng(1).normal(size=(PIECES, 48))
    vectors = np.stack([table[row].sum(0) for row in known])
    features = CachedVectors((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16))
    pairs = np.stack([np.arange(40), np.arange(40, 80)], axis=1)
    return Examples(known, pairs, features, features)


class Stopping(Examples):
    """The same examples, whose anchor stops the run after some batches."""

    def __init__(self, examples: Examples, batches: int) -> None:
        super().__init__(examples.rows, examples.pairs, examples.vectors, StoppingFeatures(examples.anchor, batches))


class StoppingFeatures(CachedVectors):
    def __init__(self, features: CachedVectors, batches: int) -> None:
        self._features, self._left = features, batches

    def __call__(self, places: NDArray[np.int64]) -> Tensor:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._features(places)


def student(layers: int = 1, *, tasks: int = 0) -> Student:
    """A student that needs little time for a step."""
    return students.student(SHAPE.model_copy(update={"layers": layers}), tasks=tasks)


def recipe(**values: object) -> DistillationRecipe:
    base = {"steps": 16, "batch_texts": 16, "warmup_steps": 2, "validate_every": 6, "checkpoint_every": 4}
    return DistillationRecipe.model_validate({**base, **values})


def nothing(_: nn.Module) -> Mapping[str, float]:
    return {}


def train(
    examples: Examples,
    folder: Path,
    chosen: DistillationRecipe,
    layer: nn.Linear | None = None,
    *,
    layers: int = 1,
) -> tuple[nn.Module, nn.Linear, list[dict[str, float]]]:
    folder.mkdir(exist_ok=True)
    trained, projection = student(layers), layer or identity_projection(48)
    run = CrossDistillation(trained, projection, examples, chosen, 1, SCHEMES)
    curve = run.run(folder, nothing, Journal(folder / "journal.jsonl"))
    return trained, projection, curve


@dataclass(frozen=True)
class Whole:
    """A run from its beginning to its end, and what it led to."""

    chosen: DistillationRecipe
    trained: nn.Module
    projection: nn.Linear
    curve: list[dict[str, float]]


def agreement(trained: nn.Module, projection: nn.Linear, examples: Examples) -> float:
    with torch.no_grad():
        target = F.normalize(projection(examples.vectors(np.arange(TEXTS))), dim=-1).numpy()
    return float((embed_rows(trained, examples.rows) * target).sum(1).mean())


@pytest.mark.parametrize("integration", [True, False])
@pytest.mark.parametrize("interplay", [True, False])
def test_every_form_brings_the_student_to_its_teacher(
    examples: Examples, tmp_path: Path, integration: bool, interplay: bool
) -> None:
    chosen = recipe(
        steps=ENOUGH, parameter_integration=integration, mutual_interplay=interplay, teacher_learning_rate=1e-3
    )
    trained, projection, curve = train(examples, tmp_path, chosen)
    assert agreement(student(), projection, examples) < 0.2
    assert agreement(trained, projection, examples) > 0.4
    assert curve[-1]["cosine"] < 0.7 * curve[0]["cosine"]
    assert ("teacher_similarity_kl" in curve[-1]) is interplay
    moved = not torch.equal(projection.weight, torch.eye(48))
    assert moved is interplay


def test_parameter_integration_shares_the_task_layer(examples: Examples, tmp_path: Path) -> None:
    given = nn.Linear(48, 48, bias=False)
    for integration in (True, False):
        trained, projection, _ = train(
            examples, tmp_path / str(integration), recipe(parameter_integration=integration), given
        )
        assert (trained.get_submodule("projection") is projection) is integration


def test_a_copied_task_layer_trains_with_the_trainedalone(examples: Examples, tmp_path: Path) -> None:
    given = nn.Linear(48, 48, bias=False)
    before = given.weight.detach().clone()
    trained, _, _ = train(examples, tmp_path, recipe(integration_shares=False, mutual_interplay=False), given)
    copied = trained.get_submodule("projection").get_parameter("weight")
    assert torch.equal(given.weight, before)
    assert 0.001 < (copied - before).abs().max() < 0.5


def test_a_teacher_that_adapts_early_is_then_what_it_was(examples: Examples, tmp_path: Path) -> None:
    layers = {}
    for share in (0.0, 0.5, 1.0):
        chosen = recipe(mutual_fraction=share, teacher_learning_rate=1e-3)
        _, layers[share], curve = train(examples, tmp_path / str(share), chosen)
        adapted = ["teacher_anchor" in point for point in curve]
        assert adapted == [share > 0, share > 0, share == 1]
    assert torch.equal(layers[0.0].weight, torch.eye(48))
    moved = {share: float((layer.weight.detach() - torch.eye(48)).abs().mean()) for share, layer in layers.items()}
    assert 0 < moved[0.5] < moved[1.0]


def test_a_teacher_that_does_not_follow_still_has_its_task(examples: Examples, tmp_path: Path) -> None:
    chosen = recipe(
        steps=ENOUGH,
        validate_every=10,
        teacher_learning_rate=1e-2,
        mutual_weight=0.0,
        anchor_weight=0.0,
        task_weight=1.0,
        parameter_integration=False,
    )
    _, _, curve = train(examples, tmp_path, chosen)
    assert curve[-1]["teacher_cosine"] == curve[-1]["teacher_similarity_kl"] == 0
    assert curve[-1]["teacher_task"] < 0.5 * curve[0]["teacher_task"]


def test_one_way_distillation_never_touches_the_teacher(examples: Examples, tmp_path: Path) -> None:
    given = nn.Linear(48, 48, bias=False)
    before = given.weight.detach().clone()
    train(examples, tmp_path, recipe(parameter_integration=True, mutual_interplay=False), given)
    assert torch.equal(given.weight, before)


def test_the_anchor_holds_the_teacher(examples: Examples, tmp_path: Path) -> None:
    moved = []
    for weight in (0.0, 20.0):
        chosen = recipe(steps=ENOUGH // 2, teacher_learning_rate=1e-2, anchor_weight=weight)
        _, layer, _ = train(examples, tmp_path / str(weight), chosen)
        with torch.no_grad():
            before = examples.anchor(np.arange(TEXTS))
            moved.append(1 - float((F.normalize(layer(before), dim=-1) * before).sum(-1).mean()))
    assert moved[1] < moved[0] / 2


@pytest.fixture(scope="module", params=[0.0, 0.5, 1.0])
def undisturbed(request: pytest.FixtureRequest, examples: Examples, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run that nothing stopped, rounded from another moment on."""
    chosen = recipe(qat_fraction=request.param)
    return Whole(chosen, *train(examples, tmp_path_factory.mktemp("whole"), chosen))


@pytest.mark.parametrize("stopped_after", [6, 9, 12, 17])
def test_a_resumed_run_ends_as_an_undisturbed_one(
    undisturbed: Whole, examples: Examples, tmp_path: Path, stopped_after: int
) -> None:
    trained, layer = student(), identity_projection(48)
    run = CrossDistillation(trained, layer, Stopping(examples, stopped_after), undisturbed.chosen, 1, SCHEMES)
    with pytest.raises(KeyboardInterrupt):
        run.run(tmp_path, nothing, Journal(tmp_path / "journal.jsonl"))
    resumed, resumed_layer, resumed_curve = train(examples, tmp_path, undisturbed.chosen)
    whole = undisturbed.trained.state_dict()
    assert all(torch.equal(value, whole[name]) for name, value in resumed.state_dict().items())
    assert torch.equal(resumed_layer.weight, undisturbed.projection.weight)
    assert resumed_curve == undisturbed.curve


def test_a_student_trained_rounded_is_the_better_rounded_one(examples: Examples, tmp_path: Path) -> None:
    rounded = []
    for fraction in (0.0, 0.5):
        chosen = recipe(steps=2 * ENOUGH, qat_fraction=fraction)  # the nearer to its teacher, the more rounding matters
        trained, projection, _ = train(examples, tmp_path / str(fraction), chosen, layers=2)
        assert not any("parametrizations" in name for name in trained.state_dict())
        exact = agreement(trained, projection, examples)
        start_fake_quantization(trained, SCHEMES)
        rounded.append(agreement(trained, projection, examples))
        assert rounded[-1] != exact
    assert rounded[1] > rounded[0]


def test_training_in_bfloat16_leads_to_about_the_same(examples: Examples, tmp_path: Path) -> None:
    found = []
    for precision in ("float32", "bfloat16"):
        trained, projection, _ = train(examples, tmp_path / precision, recipe(steps=ENOUGH, precision=precision))
        assert all(value.dtype == torch.float32 for value in trained.state_dict().values())
        found.append(agreement(trained, projection, examples))
    assert found[1] != found[0]
    assert found[1] == pytest.approx(found[0], abs=0.03)


def supervised(
    examples: Examples, folder: Path, chosen: DistillationRecipe
) -> tuple[Student, PairClassifier, list[dict[str, float]]]:
    """Train with labelled pairs, which match where the teacher's vectors lie on one side of a plane."""
    folder.mkdir(exist_ok=True)
    head, trained = PairClassifier(1, 48), student(tasks=1)
    torch.nn.init.normal_(head.weight, generator=torch.Generator().manual_seed(0))
    pairs = np.random.default_rng(2).integers(0, TEXTS, (120, 2))
    sides = examples.anchor(np.arange(TEXTS)).numpy()[:, 0] > 0
    labels = (sides[pairs[:, 0]] == sides[pairs[:, 1]]).astype(np.float32)
    pairs_ = SupervisedPairs(
        Examples(examples.rows, pairs, examples.vectors, examples.anchor), labels, np.zeros(120, int), head
    )
    run = CrossDistillation(trained, identity_projection(48), examples, chosen, 1, SCHEMES, pairs_)
    return trained, head, run.run(folder, nothing, Journal(folder / "journal.jsonl"))


@pytest.mark.parametrize("integration", [True, False])
def test_labelled_pairs_bring_the_student_to_its_teacher_s_judgement(
    examples: Examples, tmp_path: Path, integration: bool
) -> None:
    chosen = recipe(steps=ENOUGH, parameter_integration=integration, mutual_interplay=False, supervised_every=1)
    trained, head, curve = supervised(examples, tmp_path, chosen)
    assert (trained.pair_classifier is head) is integration
    assert curve[-1]["supervised_logit_kl"] < curve[0]["supervised_logit_kl"]
    assert curve[-1]["supervised_labels"] > 0


def test_a_head_moves_with_the_teacher_alone_or_as_a_copy(examples: Examples, tmp_path: Path) -> None:
    first = torch.nn.init.normal_(PairClassifier(1, 48).weight, generator=torch.Generator().manual_seed(0))
    for interplay, shares in ((True, True), (False, True), (False, False)):
        chosen = recipe(
            mutual_interplay=interplay, integration_shares=shares, supervised_every=2, teacher_learning_rate=1e-3
        )
        trained, head, curve = supervised(examples, tmp_path / f"{interplay}{shares}", chosen)
        assert trained.pair_classifier is not None
        assert torch.equal(head.weight, first) is not interplay
        assert torch.equal(trained.pair_classifier.weight, first) is (not interplay and shares)
        assert ("supervised_teacher_labels" in curve[-1]) is interplay


def test_supervised_pairs_resume_from_a_checkpoint(examples: Examples, tmp_path: Path) -> None:
    chosen = recipe(supervised_every=2, teacher_learning_rate=1e-3)
    whole, head, _ = supervised(examples, tmp_path / "whole", chosen)
    with pytest.raises(KeyboardInterrupt):
        supervised(Stopping(examples, 20), tmp_path / "stopped", chosen)
    resumed, other, _ = supervised(examples, tmp_path / "stopped", chosen)
    assert torch.equal(head.weight, other.weight)
    assert all(map(torch.equal, whole.state_dict().values(), resumed.state_dict().values()))
