"""Static embeddings: the mean of a text's token vectors."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import wordllama
from model2vec import StaticModel

from model_build.common.errors import ModelError
from model_build.common.systems import Role, Vectors, file_bytes, unit_rows
from service.artifact.artifact import file_sha256

WORDLLAMA_DIMENSIONS = (64, 256)
_WORDLLAMA_WEIGHT_BYTES = 2
_MODEL2VEC_FILES = ("model.safetensors", "tokenizer.json", "config.json")


class WordLlamaSystem:
    """WordLlama's packaged embeddings, truncated to their first dimensions (they are Matryoshka-trained).

    Its bytes are those of the truncated weights at 2 bytes each, and of the tokenizer.
    """

    role = Role.BASELINE

    def __init__(self, dimension: int) -> None:
        package = Path(wordllama.__file__).parent
        # The package looks for its tokenizer in `tokenizers/` of the cache folder; its own folder has one.
        self._model = wordllama.WordLlama.load(cache_dir=package, trunc_dim=dimension, disable_download=True)
        self.name = f"WordLlama {dimension}"
        tokenizer = package / "tokenizers" / "l2_supercat_tokenizer_config.json"
        self.bytes = self._model.embedding.size * _WORDLLAMA_WEIGHT_BYTES + tokenizer.stat().st_size

    @property
    def identity(self) -> str:
        """Package version and dimension."""
        return f"wordllama {version('wordllama')} {self.name}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts."""
        return unit_rows(self._model.embed(list(texts)))


class Model2VecSystem:
    """A model2vec model, such as potion, in a folder, after which it is named."""

    role = Role.BASELINE

    def __init__(self, folder: Path) -> None:
        missing = [name for name in _MODEL2VEC_FILES if not (folder / name).is_file()]
        if missing:
            raise ModelError(f"{folder} is not a model2vec model: it has no {missing[0]}")
        self._model = StaticModel.from_pretrained(folder, force_download=False)
        self.name = folder.name
        self.bytes = file_bytes(folder, _MODEL2VEC_FILES)
        self.identity = f"model2vec {file_sha256(folder / 'model.safetensors')}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts."""
        return unit_rows(self._model.encode(list(texts), use_multiprocessing=False))
