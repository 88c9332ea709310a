"""The student: an int8 ONNX graph on the CPU, one thread per run, several runs at the same time."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import onnxruntime as ort

from service.artifact.artifact import Artifact, ArtifactError
from service.encoder.adapted_graph import Adapter, Layer, adapted_graph, adapter_inputs
from service.encoder.base import Encoding, mean_direction
from service.encoder.finite_weights import check_finite
from service.encoder.graph import PAIR_INPUTS, TEXT_INPUTS, Graph, longest_row, open_session
from service.encoder.onnx_run import Run, RunListener
from service.encoder.row_encoder import OnnxRowEncoder, relative_cost
from service.text.windows import MOST_WINDOWS
from service.text.wordpiece import WordPieceTokenizer

# Measured with the bundled model and rank 8: adapters take about the time that words for lexical signals do.
_ADAPTED_COST = 1.0


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
        artifact.check_embeds()
        self._artifact = artifact
        self._opened = partial(Graph, run_tokens=run_tokens, on_run=on_run)
        self._tokenizer = WordPieceTokenizer(artifact, most_windows=most_windows)
        check_finite(artifact.model_path)
        self._graph = self._opened(open_session(artifact.model_path), self._tokenizer)
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
        embedded = self._graph.numbers(rows, self.dimension)
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

    def with_adapters(self, unpack: Callable[[Sequence[Layer]], Sequence[Adapter]], path: Path) -> OnnxRowEncoder:
        """Read texts with a pack's adapters, which `unpack` gives for the linear layers; of the file `path`.

        Raises:
            ArtifactError: the graph can't take them, or gives no finite numbers with them.
        """
        layers, session = self._adapted
        graph = self._opened(session, self._tokenizer, further=adapter_inputs(unpack(layers)))
        shape = self._artifact.manifest.model
        return OnnxRowEncoder(graph, self._tokenizer, shape, pairs=False, cost=_ADAPTED_COST, path=path)

    def beside(self, artifact: Artifact, *, pairs: bool) -> OnnxRowEncoder:
        """Read texts or `pairs` with a task model, in runs like those of this one.

        Raises:
            ArtifactError: its graph or its vocabulary does not match its manifest, or the graph has numbers that are
                not finite.
        """
        path, shape = artifact.model_path, artifact.manifest.model
        tokenizer = WordPieceTokenizer(artifact)
        check_finite(path)
        graph = self._opened(open_session(path, PAIR_INPUTS if pairs else TEXT_INPUTS), tokenizer)
        cost = relative_cost(shape, self._artifact.manifest.model)
        return OnnxRowEncoder(graph, tokenizer, shape, pairs=pairs, cost=cost, path=path)

    @cached_property
    def _adapted(self) -> tuple[Sequence[Layer], ort.InferenceSession]:
        """The linear layers, and the session of all packs; made when the first is loaded."""
        graph = adapted_graph(self._artifact.model_path)
        return graph.layers, open_session(self._artifact.model_path, changed=graph.model)

    def _check(self) -> None:
        """Embed a short text, and one of maximum length with tokens from the whole vocabulary, in one run."""
        path, shape = self._artifact.model_path, self._artifact.manifest.model
        longest = longest_row(shape.vocabulary_size, shape.max_length)
        vectors = self._graph.trial(path, [*self._tokenizer.encode(["warm up"])[0].windows, longest])
        if vectors.shape != (2, self.dimension):
            raise ArtifactError(
                f"{path} gives vectors of shape {vectors.shape}, the manifest states [2, {self.dimension}]"
            )
        if not np.isclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3).all():
            raise ArtifactError(f"{path} gives vectors that are not of unit length")
