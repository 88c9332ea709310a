"""Export the student's ONNX graphs, and check that they compute the same.

Two graphs are written: `fp32.onnx`, the fp32 reference, and `int8.onnx`, quantized by the recipe's module schemes. Each
must compute what torch computes (greatest difference of a component), and the quantized one must agree with fp32 (mean
cosine, and rank correlation of similarities), all on held-out texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model_build.common.batching import PAD_ID, embed_by_length, embed_rows, pad
from model_build.common.errors import GateError
from model_build.export.onnx_graph import build_graph
from model_build.quantization.schemes import MODULES, quantized
from model_build.recipe import GatesRecipe
from model_build.student.fuse import DeviceStudent


@dataclass(frozen=True)
class Parity:
    """The agreement of two forms of the model.

    Attributes:
        maximum_difference: greatest difference of a vector's component.
        mean_cosine: of the vectors of the same text.
        rank_correlation: Spearman's, between the two forms' similarities of text pairs.
        threshold: least rank correlation.
        missed: the gates that do not hold, in words.
    """

    name: str
    maximum_difference: float
    mean_cosine: float
    rank_correlation: float
    threshold: float
    passed: bool
    missed: str


def export(
    student: DeviceStudent,
    schemes: Mapping[str, str],
    rows: Sequence[Sequence[int]],
    gates: GatesRecipe,
    folder: Path,
) -> list[Parity]:
    """Write `fp32.onnx` and `int8.onnx` to a folder, and compare them on tokenised texts.

    Raises:
        GateError: two forms differ by more than their gate allows.
    """
    fp32 = save_graph(build_graph(student, dict.fromkeys(MODULES, "float32")), folder / "fp32.onnx")
    int8 = save_graph(build_graph(student, dict(schemes)), folder / "int8.onnx")
    fp32_vectors, int8_vectors = run_graph(fp32, rows), run_graph(int8, rows)
    torch_vectors = embed_rows(quantized(student, schemes), rows)
    difference = gates.export_difference
    table = [
        _compare("ONNX fp32 against torch", fp32_vectors, embed_rows(student, rows), difference, 0.0, 0.9999),
        _compare("ONNX quantized against torch", int8_vectors, torch_vectors, difference, 0.0, 0.9999),
        _compare(
            "ONNX quantized against fp32",
            int8_vectors,
            fp32_vectors,
            1.0,
            gates.quantized_cosine,
            gates.quantized_rank_correlation,
        ),
    ]
    for row in table:
        if not row.passed:
            raise GateError(
                f"{row.name}: {row.missed}; use wider schemes or distillation.qat_fraction, or lower the recipe's gates"
            )
    return table


def save_graph(model: onnx.ModelProto, path: Path) -> Path:
    """Write a graph; the same graph gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path


def run_graph(path: Path, rows: Sequence[Sequence[int]], batch_texts: int = 64) -> NDArray[np.float32]:
    """Embed tokenised texts with a graph in ONNX Runtime: float32 `[rows, width]`, in order."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])

    def embed(batch: list[list[int]]) -> NDArray[np.float32]:
        ids, mask = pad(batch, PAD_ID)
        return np.asarray(session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0])

    return embed_by_length(embed, rows, batch_texts)


def _compare(
    name: str,
    vectors: NDArray[np.float32],
    reference: NDArray[np.float32],
    difference_gate: float,
    cosine_gate: float,
    rank_gate: float,
) -> Parity:
    difference = float(np.abs(vectors - reference).max())
    cosine = float((vectors * reference).sum(1).mean())
    # Each text against the one after it, and after that: pairs enough, and the same ones every time.
    similarities = [
        np.concatenate([(form * np.roll(form, shift, axis=0)).sum(1) for shift in (1, 2)])
        for form in (vectors, reference)
    ]
    correlation = float(spearmanr(*similarities).statistic)
    missed = []
    if not difference <= difference_gate:
        missed.append(f"greatest difference {difference:.2g} is above {difference_gate:g}")
    for figure, value, least in (("mean cosine", cosine, cosine_gate), ("rank correlation", correlation, rank_gate)):
        if not value >= least:
            missed.append(f"{figure} {value:.5g} is below {least:g}")
    return Parity(name, difference, cosine, correlation, rank_gate, not missed, " and ".join(missed))
