"""The model alone: the time of ONNX Runtime on texts that are split into pieces and batched already."""

import time
from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from service.artifact import load_artifact
from service.encoder.batching import plan_batches
from service.encoder.wordpiece import WordPieceTokenizer
from service.settings import Settings


class RawModel:
    """The bundled graph, one thread."""

    def __init__(self) -> None:
        settings = Settings()
        artifact = load_artifact(settings.model)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(artifact.model_path, options, providers=["CPUExecutionProvider"])
        self._tokenizer = WordPieceTokenizer(artifact)
        self._run_tokens = settings.run_tokens

    def seconds(self, texts: Sequence[str]) -> float:
        """Seconds in ONNX Runtime."""
        rows = [one.ids for one in self._tokenizer.encode(list(texts))]
        batches = [
            _inputs([rows[place] for place in batch], self._tokenizer.pad_id)
            for batch in plan_batches([len(row) for row in rows], self._run_tokens)
        ]
        started = time.perf_counter()
        for inputs in batches:
            self._session.run(None, inputs)
        return time.perf_counter() - started


def _inputs(rows: Sequence[Sequence[int]], pad_id: int) -> dict[str, NDArray[np.int64]]:
    shape = len(rows), max(len(row) for row in rows)
    ids = np.full(shape, pad_id, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}
