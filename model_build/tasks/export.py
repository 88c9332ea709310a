"""A task's student as an ONNX graph, and the check that it gives the numbers that torch does."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from model_build.common.errors import GateError
from model_build.export.onnx_graph import build_classifier_graph
from model_build.export.parity import save_graph
from model_build.heads.logistic import Logits
from model_build.quantization.schemes import quantized
from model_build.tasks.rows import Tokens
from model_build.tasks.student import TaskDevice
from model_build.tasks.trainer import by_length, logits_of
from service.text.pair_row import Row


def export(
    device: TaskDevice, schemes: Mapping[str, str], rows: Sequence[Row], most_difference: float, path: Path
) -> None:
    """Write the quantized graph, and compare it with torch on some rows.

    Raises:
        GateError: a logit differs by more than `most_difference`.
    """
    graph = build_classifier_graph(device.encoder, device.pooling, device.head, schemes)
    save_graph(graph, path)
    difference = float(
        np.abs(graph_logits(path, rows) - logits_of(quantized(device, schemes), rows, device.head.out_features)).max()
    )
    if not difference <= most_difference:
        raise GateError(
            f"ONNX quantized against torch: a logit differs by {difference:.2g}, above gates.export_difference "
            f"({most_difference:g})"
        )


def graph_logits(path: Path, rows: Sequence[Row]) -> Logits:
    """Classify rows with a graph in ONNX Runtime: float64 `[rows, outputs]`, in order."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = {one.name for one in session.get_inputs()}
    (output,) = session.get_outputs()

    def run(tokens: Tokens) -> torch.Tensor:
        given = {"input_ids": tokens.ids, "attention_mask": tokens.mask, "token_type_ids": tokens.segments}
        taken = {name: value.numpy() for name, value in given.items() if name in names}
        return torch.from_numpy(np.asarray(session.run(None, taken)[0]))

    return by_length(run, rows, output.shape[1]).numpy().astype(np.float64)
