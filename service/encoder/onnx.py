"""The student: an int8 ONNX graph on the CPU, one thread per run, several runs at the same time."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from service.artifact.artifact import Artifact, ArtifactError
from service.encoder.base import Encoding, mean_direction
from service.encoder.batch_plan import plan_batches
from service.encoder.finite_weights import check_finite
from service.encoder.onnx_run import Run, RunListener
from service.files.printable import printable
from service.text.windows import MOST_WINDOWS
from service.text.wordpiece import WordPieceTokenizer

_INPUTS = {"input_ids", "attention_mask"}
_ERRORS_ONLY = 3
_INPUT_TYPE, _OUTPUT_TYPE = "tensor(int64)", "tensor(float)"
_TRIAL_S = 30.0


def _ignore(_: Run) -> None:
    pass


class OnnxEncoder:
    """Embeds texts with an artifact's graph, on the calling thread. Thread-safe."""

    def __init__(
        self,
        artifact: Artifact,
        *,
        run_tokens: int = 4096,
        most_windows: int = MOST_WINDOWS,
        on_run: RunListener = _ignore,
    ) -> None:
        """Load the graph, check it and warm it up.

        A run has up to `run_tokens`, padding included; `on_run` is called on the thread that encodes.

        Raises:
            ArtifactError: the graph or the vocabulary does not match the manifest, or the graph has numbers that are
                not finite.
        """
        self._artifact = artifact
        self._run_tokens = run_tokens
        self._on_run = on_run
        self._tokenizer = WordPieceTokenizer(artifact, most_windows=most_windows)
        check_finite(artifact.model_path)
        self._session = open_session(artifact)
        self._output = self._session.get_outputs()[0].name
        self._check()

    @property
    def revision(self) -> str:
        """The artifact's encoder revision."""
        return self._artifact.manifest.encoder_revision

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._artifact.manifest.model.dimension

    def encode(self, texts: Sequence[str]) -> Encoding:
        """Embed texts, in as few runs as the token budget allows."""
        tokenized = self._tokenizer.encode(texts)
        rows = [window for one in tokenized for window in one.windows]
        embedded = np.empty((len(rows), self.dimension), dtype=np.float32)
        for batch in plan_batches([len(row) for row in rows], self._run_tokens):
            embedded[batch] = self._run([rows[place] for place in batch])
        ends = np.cumsum([len(one.windows) for one in tokenized], dtype=np.int64)
        windows = np.split(embedded, ends[:-1]) if tokenized else []
        return Encoding(
            # Usually all texts have a single window, which is their vector.
            vectors=embedded if len(rows) == len(texts) else np.stack([mean_direction(one) for one in windows]),
            windows=windows,
            terms=self._tokenizer.terms(tokenized),
            tokens=np.array([sum(map(len, one.windows)) for one in tokenized], dtype=np.int64),
            truncated=np.array([one.truncated for one in tokenized], dtype=np.bool_),
            readable=np.array([one.readable for one in tokenized], dtype=np.bool_),
        )

    def _run(self, rows: Sequence[Sequence[int]], options: ort.RunOptions | None = None) -> NDArray[np.float32]:
        inputs = padded(rows, self._tokenizer.pad_id)
        started = time.perf_counter()
        outputs = self._session.run([self._output], inputs, options)
        seconds = time.perf_counter() - started
        ids = inputs["input_ids"]
        unknown = int(np.count_nonzero(ids == self._tokenizer.unknown_id))
        self._on_run(Run(texts=len(rows), tokens=ids.size, seconds=seconds, unknown=unknown))
        return np.asarray(outputs[0], dtype=np.float32)

    def _check(self) -> None:
        """Embed a short text, and one of maximum length with tokens from the whole vocabulary, in one run."""
        path, shape = self._artifact.model_path, self._artifact.manifest.model
        longest = np.linspace(0, shape.vocabulary_size - 1, shape.max_length).astype(int).tolist()
        options = ort.RunOptions()
        ending = threading.Timer(_TRIAL_S, setattr, (options, "terminate", True))
        ending.daemon = True
        ending.start()
        try:
            vectors = self._run([*self._tokenizer.encode(["warm up"])[0].windows, longest], options)
        except Exception:  # noqa: BLE001 -- a graph is a program, and may fail in any way
            raise ArtifactError(f"{path} can't embed a text") from None
        finally:
            ending.cancel()
        if vectors.shape != (2, self.dimension):
            raise ArtifactError(
                f"{path} gives vectors of shape {vectors.shape}, the manifest states [2, {self.dimension}]"
            )
        if not np.isclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3).all():
            raise ArtifactError(f"{path} gives vectors that are not of unit length")


def padded(rows: Sequence[Sequence[int]], pad_id: int) -> dict[str, NDArray[np.int64]]:
    """The graph's inputs for the texts of a run: int64 `[texts, longest]` each, padded."""
    shape = len(rows), max(len(row) for row in rows)
    ids, mask = np.full(shape, pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def open_session(artifact: Artifact) -> ort.InferenceSession:
    """Open a session of an artifact's graph that runs on the calling thread.

    Raises:
        ArtifactError: ONNX Runtime can't load the graph, or its inputs or output are wrong.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        session = ort.InferenceSession(artifact.model_path, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 -- ONNX Runtime raises any error at a bad graph
        raise ArtifactError(f"{artifact.model_path} is not a graph that this version of ONNX Runtime loads") from None
    inputs = {one.name: one.type for one in session.get_inputs()}
    if inputs != dict.fromkeys(_INPUTS, _INPUT_TYPE):
        taken = printable(", ".join(f"{name} of {kind}" for name, kind in sorted(inputs.items())))
        wanted = ", ".join(f"{name} of {_INPUT_TYPE}" for name in sorted(_INPUTS))
        raise ArtifactError(f"{artifact.model_path} takes {taken}, not {wanted}")
    if [one.type for one in session.get_outputs()[:1]] != [_OUTPUT_TYPE]:
        raise ArtifactError(f"{artifact.model_path} does not give {_OUTPUT_TYPE} first")
    return session
