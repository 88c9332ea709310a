"""A graph at work: rows of token ids -> a row of numbers each, on the calling thread."""

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from service.artifact.artifact import ArtifactError
from service.encoder.batch_plan import plan_batches
from service.encoder.onnx_run import Run, RunListener
from service.files.printable import printable
from service.text.wordpiece import WordPieceTokenizer

TEXT_INPUTS = frozenset({"input_ids", "attention_mask"})
PAIR_INPUTS = TEXT_INPUTS | {"token_type_ids"}
_ERRORS_ONLY = 3
_INPUT_TYPE, _OUTPUT_TYPE = "tensor(int64)", "tensor(float)"
_TRIAL_S = 30.0


class Graph:
    """Runs a session for rows of tokens; the first output is what it gives. Thread-safe.

    Attributes:
        session: of ONNX Runtime.
    """

    def __init__(
        self,
        session: ort.InferenceSession,
        tokenizer: WordPieceTokenizer,
        *,
        run_tokens: int,
        on_run: RunListener,
        further: Mapping[str, NDArray[np.float32]] | None = None,
    ) -> None:
        """A run has up to `run_tokens`, padding included; `further` are inputs that are the same in each."""
        self.session, self._tokenizer, self._further = session, tokenizer, further or {}
        self._run_tokens, self._on_run = run_tokens, on_run
        self._output = session.get_outputs()[0].name
        self._knows_segments = any(one.name == "token_type_ids" for one in session.get_inputs())

    def numbers(self, rows: Sequence[Sequence[int]], width: int, begins: Sequence[int] = ()) -> NDArray[np.float32]:
        """The graph's output: float32 `[rows, width]`, in as few runs as the token budget allows.

        `begins` are the places where the rows' second texts begin, for a graph that takes segments.
        """
        found = np.empty((len(rows), width), dtype=np.float32)
        for batch in plan_batches([len(row) for row in rows], self._run_tokens):
            found[batch] = self._run([rows[place] for place in batch], [begins[place] for place in batch if begins])
        return found

    def trial(
        self, path: Path, rows: Sequence[Sequence[int]], begins: Sequence[int] = (), *, purpose: str = "embed a text"
    ) -> NDArray[np.float32]:
        """Run rows once, for half a minute at most; the graph is from `path`.

        Raises:
            ArtifactError: the run fails.
        """
        options = ort.RunOptions()
        ending = threading.Timer(_TRIAL_S, setattr, (options, "terminate", True))
        ending.daemon = True
        ending.start()
        try:
            return self._run(rows, begins, options)
        except Exception:  # noqa: BLE001 -- a graph is a program, and may fail in any way
            raise ArtifactError(f"{path} can't {purpose}") from None
        finally:
            ending.cancel()

    def _run(
        self, rows: Sequence[Sequence[int]], begins: Sequence[int], options: ort.RunOptions | None = None
    ) -> NDArray[np.float32]:
        inputs = padded(rows, self._tokenizer.pad_id)
        if self._knows_segments:
            inputs["token_type_ids"] = _segments(inputs["attention_mask"], begins)
        started = time.perf_counter()
        outputs = self.session.run([self._output], {**inputs, **self._further}, options)
        seconds = time.perf_counter() - started
        ids = inputs["input_ids"]
        unknown = int(np.count_nonzero(ids == self._tokenizer.unknown_id))
        self._on_run(Run(texts=len(rows), tokens=ids.size, seconds=seconds, unknown=unknown))
        return np.asarray(outputs[0], dtype=np.float32)


def padded(rows: Sequence[Sequence[int]], pad_id: int) -> dict[str, NDArray[np.int64]]:
    """The graph's inputs for the texts of a run: int64 `[texts, longest]` each, padded."""
    shape = len(rows), max(len(row) for row in rows)
    ids, mask = np.full(shape, pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def _segments(mask: NDArray[np.int64], begins: Sequence[int]) -> NDArray[np.int64]:
    """1 for the tokens of second texts, else 0."""
    places = np.arange(mask.shape[1])
    return mask * (places >= np.asarray(begins)[:, None])


def longest_row(vocabulary_size: int, max_length: int) -> list[int]:
    """A row of maximum length with tokens from the whole vocabulary."""
    tokens: list[int] = np.linspace(0, vocabulary_size - 1, max_length).astype(int).tolist()
    return tokens


def open_session(
    path: Path, inputs: frozenset[str] = TEXT_INPUTS, *, changed: bytes | None = None
) -> ort.InferenceSession:
    """Open a session of a graph, or of one that was `changed` in memory, that runs on the calling thread.

    Raises:
        ArtifactError: ONNX Runtime can't load the graph, or its inputs or output are wrong.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        session = ort.InferenceSession(changed or path, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 -- ONNX Runtime raises any error at a bad graph
        raise ArtifactError(f"{path} is not a graph that this version of ONNX Runtime loads") from None
    found = {one.name: one.type for one in session.get_inputs()}
    if found != dict.fromkeys(inputs, _INPUT_TYPE):
        taken = printable(", ".join(f"{name} of {kind}" for name, kind in sorted(found.items())))
        wanted = ", ".join(f"{name} of {_INPUT_TYPE}" for name in sorted(inputs))
        raise ArtifactError(f"{path} takes {taken}, not {wanted}")
    if [one.type for one in session.get_outputs()[:1]] != [_OUTPUT_TYPE]:
        raise ArtifactError(f"{path} does not give {_OUTPUT_TYPE} first")
    return session
