"""A teacher that comes as an ONNX graph, as hubs and packages carry them for ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from transformers import AutoTokenizer

from model_build.common.errors import ModelError
from model_build.common.systems import Role, Vectors, file_bytes, unit_rows
from model_build.teacher.pooling import Pooling, read_pooling
from service.artifact.artifact import file_sha256

BATCH = 32
_TOKENIZER = "tokenizer.json"
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_OPEN_ERRORS = (ort_errors.Fail, ort_errors.InvalidGraph, ort_errors.InvalidProtobuf, ort_errors.NoSuchFile)


class OnnxTeacherSystem:
    """A graph from token ids to hidden states, pooled and scaled to unit length.

    A graph with dynamically quantized activations gives a text slightly other vectors in other company; batches of the
    same texts give the same vectors.

    Attributes:
        name: shown in tables.
        role: the teacher.
        bytes: graph and tokenizer.
        identity: checksums of the files, the pooling and the length read.
    """

    role = Role.TEACHER

    def __init__(self, folder: Path, *, name: str, pooling: Pooling | None, max_length: int) -> None:
        """Load a graph.

        Raises:
            ModelError: the folder has not one graph and a tokenizer, or the graph is no encoder.
            TeacherError: its pooling configuration is not known.
        """
        graphs = graphs_of(folder)
        if len(graphs) != 1:
            raise ModelError(f"{folder} should hold one ONNX graph; it has {len(graphs)}")
        if not (folder / _TOKENIZER).is_file():
            raise ModelError(f"{folder} is not an encoder for ONNX Runtime: it has no {_TOKENIZER}")
        try:
            self._session = ort.InferenceSession(graphs[0], providers=["CPUExecutionProvider"])
        except _OPEN_ERRORS:
            raise ModelError(f"{graphs[0]} is not a graph that ONNX Runtime loads") from None
        self._inputs = {one.name for one in self._session.get_inputs()}
        output = self._session.get_outputs()[0]
        if not self._inputs <= _INPUTS or len(output.shape) != 3:
            raise ModelError(f"{graphs[0]} does not turn token ids into hidden states")
        self._output, self._width = output.name, output.shape[2]
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._pooling = pooling or read_pooling(folder)
        self._max_length = max_length
        self.name = name
        self.bytes = file_bytes(folder, (graphs[0].name, _TOKENIZER))
        checksums = " ".join(file_sha256(file) for file in (graphs[0], folder / _TOKENIZER))
        self.identity = f"onnx teacher {checksums} {self._pooling} {max_length}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; batches hold texts of like length."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        parts = [
            self._batch([texts[row] for row in order[start : start + BATCH]]) for start in range(0, len(order), BATCH)
        ]
        vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
        vectors[order] = np.concatenate(parts)
        return unit_rows(vectors)

    def _batch(self, texts: list[str]) -> Vectors:
        pieces = self._tokenizer(texts, padding=True, truncation=True, max_length=self._max_length, return_tensors="np")
        ids, mask = pieces["input_ids"].astype(np.int64), pieces["attention_mask"].astype(np.int64)
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run([self._output], {name: known[name] for name in self._inputs})
        pooled: Vectors = self._pooling(torch.from_numpy(states), torch.from_numpy(mask)).numpy()
        return pooled


def graphs_of(folder: Path) -> list[Path]:
    """The ONNX graphs of a folder."""
    return sorted(folder.glob("*.onnx"))
