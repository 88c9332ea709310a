"""Encoders published as ONNX graphs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from transformers import AutoTokenizer

from model_build.common.batching import embed_by_length
from model_build.common.errors import ModelError
from model_build.common.systems import Role, Vectors, file_bytes, unit_rows
from model_build.teacher.pooling import Pooling, read_pooling
from service.artifact.artifact import file_sha256

BATCH = 32
_TOKENIZER = "tokenizer.json"
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_OPEN_ERRORS = (ort_errors.Fail, ort_errors.InvalidGraph, ort_errors.InvalidProtobuf, ort_errors.NoSuchFile)


class OnnxTeacherSystem:
    """A graph from token ids to hidden states, which are pooled and scaled to unit length.

    With dynamically quantized activations a text's vector depends slightly on its batch; the same batches give the same
    vectors.
    """

    role = Role.TEACHER

    def __init__(self, folder: Path, *, name: str, pooling: Pooling | None, max_length: int) -> None:
        """Load a graph.

        Raises:
            ModelError: the folder does not hold one graph and a tokenizer, or the graph is no encoder.
            TeacherError: its pooling configuration is unknown.
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
        self._output = output.name
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._pooling = pooling or read_pooling(folder)
        self._max_length = max_length
        self.name = name
        self.bytes = file_bytes(folder, (graphs[0].name, _TOKENIZER))
        checksums = " ".join(file_sha256(file) for file in (graphs[0], folder / _TOKENIZER))
        self.identity = f"onnx teacher {checksums} {self._pooling} {max_length}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in batches of similar length: float32 `[texts, width]`, unit rows."""
        return unit_rows(embed_by_length(self._batch, texts, BATCH))

    def _batch(self, texts: list[str]) -> Vectors:
        tokens = self._tokenizer(texts, padding=True, truncation=True, max_length=self._max_length, return_tensors="np")
        ids, mask = tokens["input_ids"].astype(np.int64), tokens["attention_mask"].astype(np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run([self._output], {name: inputs[name] for name in self._inputs})
        pooled: Vectors = self._pooling(torch.from_numpy(hidden), torch.from_numpy(mask)).numpy()
        return pooled


def graphs_of(folder: Path) -> list[Path]:
    """List a folder's ONNX graphs."""
    return sorted(folder.glob("*.onnx"))
