"""Where things compute. Torch's `meta` device, which computes shapes alone, stands for a GPU: no machine lacks it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import ElectraModel

from model_build.common.device import CPU, brought_back, compute_device, computing, device_of
from model_build.common.log import Journal
from model_build.distillation import trainer as cross_distillation
from model_build.distillation.data import Examples
from model_build.distillation.pair_batches import SupervisedPairs
from model_build.distillation.trainer import CrossDistillation
from model_build.recipe import load_recipe
from model_build.student.model import Student, build_config, under_head
from model_build.teacher import system as teacher_system
from model_build.teacher.model import identity_projection
from model_build.teacher.pair_classifier import PairClassifier
from model_build.teacher.system import TeacherSystem
from model_build.teacher.targets import CachedVectors
from tests.model_build.materials import RECIPES

META = torch.device("meta")
WIDTH = 48


class OneDevice(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses operations whose operands lie on several devices; only copies may. Every number that is read is 1."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operands = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor) and one.ndim]
        kinds = {one.device.type for one in operands}
        assert len(kinds) < 2 or "copy" in str(func), f"{func} of tensors on {kinds}"
        if func is torch.ops.aten.is_nonzero.default:
            return True
        return 1.0 if func is torch.ops.aten._local_scalar_dense.default else func(*args, **(kwargs or {}))


@contextmanager
def moved_for_good(*models: nn.Module) -> Iterator[torch.device]:
    """As `computing`, but what is meta has no numbers to bring back."""
    for model in models:
        model.to(META)
    yield META


def uncast(kind: str, *_: object, **__: object) -> AbstractContextManager[None]:
    """Autocast knows no meta device, but has to be asked for the right one."""
    assert kind == META.type
    return nullcontext()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_distillation, "computing", moved_for_good)
    monkeypatch.setattr(torch, "autocast", uncast)


def distillation(*changes: str, labelled: bool = False) -> tuple[CrossDistillation, Student]:
    """A run of three steps, the last one rounded, with both halves of the idea."""
    steps = ("steps=3", "qat_fraction=0.4", "batch_texts=8", "checkpoint_every=9", "pair_every=2", *changes)
    recipe = load_recipe(RECIPES / "smoke.toml", [f"distillation.{one}" for one in steps])
    rng = np.random.default_rng(0)
    known = CachedVectors(rng.normal(size=(40, WIDTH)).astype(np.float16))
    rows = [rng.integers(5, 100, length).tolist() for length in rng.integers(3, 9, 40)]
    examples = Examples(rows, rng.integers(0, 40, (20, 2)), known, known)
    student = under_head(
        ElectraModel(build_config(recipe.student, 100)), WIDTH, recipe.student, tasks=1 if labelled else 0
    )
    labels = rng.integers(0, 2, 20).astype(np.float32)
    given = (
        SupervisedPairs(examples, labels, np.zeros(20, dtype=np.int64), PairClassifier(1, WIDTH)) if labelled else None
    )
    schemes = dict.fromkeys(("embeddings", "attention", "feed_forward", "head"), "int8")
    layer = identity_projection(WIDTH)
    return CrossDistillation(student, layer, examples, recipe.distillation, 1, schemes, given), student


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("changes", [(), ("parameter_integration=false", "mutual_interplay=false")])
def test_all_of_a_distillation_is_on_one_device(changes: tuple[str, ...], labelled: bool, tmp_path: Path) -> None:
    run, student = distillation(*changes, labelled=labelled)
    with OneDevice():
        curve = run.run(tmp_path, lambda known: {"on meta": float(device_of(known) == META)}, Journal(tmp_path / "j"))
    assert [point["on meta"] for point in curve] == [1.0]
    assert device_of(student) == META


def test_the_check_sees_a_tensor_that_stayed_behind() -> None:
    with OneDevice(), pytest.raises(AssertionError, match="embedding"):
        nn.functional.embedding(torch.zeros(2, dtype=torch.int64), torch.zeros(3, 4, device=META))


def test_all_of_an_encoder_is_on_one_device(teacher_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher_system, "compute_device", lambda: META)
    system = TeacherSystem(teacher_folder)
    with OneDevice(), pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        system.embed(["the vectors of which", "are only there in shape"])  # so far that they are brought back


def test_a_gpu_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert compute_device() == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert compute_device() == torch.device("cuda", 0)


def test_models_come_back_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    model = nn.Linear(2, 2)
    with computing(model) as device:
        assert device == device_of(model) == CPU
    places: list[object] = []
    monkeypatch.setattr(model, "to", places.append)
    with pytest.raises(KeyError), brought_back(model):
        raise KeyError
    assert places == [CPU]


def test_what_has_no_parameters_is_on_the_processor() -> None:
    assert device_of(nn.Identity()) == device_of(print) == CPU
