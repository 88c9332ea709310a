import numpy as np
import torch
from torch import nn

from model_build.common.log import Silence
from model_build.recipe.task import TaskDistillationRecipe
from model_build.tasks.adapters import AdaptedEncoder, layer_groups
from model_build.tasks.rows import padded
from model_build.tasks.target import Classes
from model_build.tasks.trainer import Lessons, distil_pack, logits_of
from service.text.pair_row import joined
from tests.model_build.tasks.students import body

ROWS = [joined([[7, 8, 9]], 2, 3, 32), joined([[12, 13]], 2, 3, 32)]
TOKENS = padded(ROWS, 0)


def test_new_adapters_change_nothing_and_trained_ones_do() -> None:
    backbone = body()
    before = backbone(TOKENS.ids, TOKENS.mask)
    adapted = AdaptedEncoder(backbone, 4)
    assert torch.allclose(adapted(TOKENS), before, atol=1e-6)
    for adapter in adapted.adapters:
        nn.init.normal_(adapter.up)  # type: ignore[arg-type]
    assert not torch.allclose(adapted(TOKENS), before, atol=1e-3)


def test_groups_are_the_graphs_matrices_in_its_order() -> None:
    backbone = body()
    groups = layer_groups(backbone)
    assert [len(group) for group in groups] == [1, 3, 1, 1, 1, 3, 1, 1, 1, 1]
    assert groups[0] == ("encoder.embeddings_project",)
    assert groups[-1] == ("head",)
    linear = {name for name, layer in backbone.named_modules() if isinstance(layer, nn.Linear)}
    assert {name for group in groups for name in group} == linear


def test_rounded_adapters_are_close_and_have_gradients() -> None:
    adapted = AdaptedEncoder(body(), 4)
    for adapter in adapted.adapters:
        nn.init.normal_(adapter.up, std=0.05)  # type: ignore[arg-type]
    exact = adapted(TOKENS)
    for adapter in adapted.adapters:
        adapter.rounds = True  # type: ignore[assignment]
    rounded = adapted(TOKENS)
    assert torch.allclose(rounded, exact, atol=0.02)
    rounded.sum().backward()
    assert all(parameter.grad is not None for parameter in adapted.adapters.parameters())


def test_a_pack_learns_its_task_and_leaves_the_backbone() -> None:
    draw = np.random.default_rng(0)
    texts = [[10 * (place % 3) + 10, *draw.integers(100, 300, 4).tolist()] for place in range(90)]
    rows = [joined([text], 2, 3, 32) for text in texts]
    lessons = Lessons(rows, Classes(("a", "b", "c")), np.arange(90) % 3)
    changes = {"classifier": "own", "feature_weight": 0.0, "logit_kl_weight": 0.0, "student_learning_rate": 0.01}
    recipe = TaskDistillationRecipe.model_validate(changes | {"steps": 80, "qat_fraction": 0.3})
    backbone = body()
    pack = distil_pack(backbone, 4, lessons, recipe, 1, Silence())
    assert (logits_of(pack, rows, 3).argmax(1) == lessons.values).mean() > 0.9
    before, after = body().state_dict(), pack.encoder.backbone.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert all(adapter.rounds for adapter in pack.encoder.adapters)
