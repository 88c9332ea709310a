from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from model_build.common.errors import GateError
from model_build.quantization.schemes import MODULES
from model_build.tasks.export import export, graph_logits
from model_build.tasks.student import TaskDevice, TaskStudent, fuse
from model_build.tasks.trainer import logits_of
from service.text.pair_row import Row, joined
from tests.model_build.students import PIECES
from tests.model_build.tasks.students import body

INT8 = dict.fromkeys(MODULES, "int8")
FP32 = dict.fromkeys(MODULES, "float32")


def rows(*, pairs: bool) -> list[Row]:
    draw = np.random.default_rng(0)

    def text() -> list[int]:
        return [int(one) for one in draw.integers(5, PIECES, draw.integers(1, 12))]

    return [joined([text(), text()] if pairs else [text()], 2, 3, 32) for _ in range(40)]


def device(segments: int) -> TaskDevice:
    start = body(segments=segments)
    torch.manual_seed(5)
    made = fuse(TaskStudent(start.encoder, start.pooling, nn.Linear(start.pooling.width, 3)))
    if segments > 1:
        nn.init.normal_(made.encoder.embeddings.token_type_embeddings.weight)
    return made


@pytest.mark.parametrize("scheme", ["float32", "int8", "int8-tensor"])
@pytest.mark.parametrize("segments", [1, 2])
def test_the_graph_gives_the_students_logits(segments: int, scheme: str, tmp_path: Path) -> None:
    made, read = device(segments), rows(pairs=segments > 1)
    export(made, dict.fromkeys(MODULES, scheme), read, 1e-4, tmp_path / "graph.onnx")
    found = graph_logits(tmp_path / "graph.onnx", read)
    assert found.shape == (40, 3)
    assert np.allclose(found, logits_of(made, read, 3), atol=1e-4 if scheme == "float32" else 0.2)


def test_a_graph_that_differs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"a logit differs by .*, above gates.export_difference \(1e-12\)"):
        export(device(1), FP32, rows(pairs=False), 1e-12, tmp_path / "graph.onnx")
