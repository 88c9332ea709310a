"""The model alone: the time of ONNX Runtime on tokenized, batched texts."""

import time
from collections.abc import Sequence

from service.artifact.artifact import load_artifact
from service.encoder.batch_plan import plan_batches
from service.encoder.graph import open_session, padded
from service.settings import Settings
from service.text.wordpiece import WordPieceTokenizer


class RawModel:
    """The bundled graph on one thread."""

    def __init__(self) -> None:
        settings = Settings()
        artifact = load_artifact(settings.model)
        self._session = open_session(artifact.model_path)
        self._tokenizer = WordPieceTokenizer(artifact)
        self._run_tokens = settings.run_tokens

    def seconds(self, texts: Sequence[str]) -> float:
        """Seconds in ONNX Runtime."""
        rows = [window for one in self._tokenizer.encode(list(texts)) for window in one.windows]
        batches = [
            padded([rows[place] for place in batch], self._tokenizer.pad_id)
            for batch in plan_batches([len(row) for row in rows], self._run_tokens)
        ]
        started = time.perf_counter()
        for inputs in batches:
            self._session.run(None, inputs)
        return time.perf_counter() - started
