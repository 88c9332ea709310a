"""The teacher: a BERT-like Hugging Face sentence encoder, pooled as its folder configures.

A frozen encoder runs once over the corpus; one whose top layers adapt to the student runs live (see `targets`).
"""

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from tokenizers.normalizers import BertNormalizer
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging
from transformers.utils.hub import cached_file

from model_build.common.errors import TeacherError
from model_build.teacher.checks import check_folder, check_loaded
from model_build.teacher.pooling import CONFIGURATION, Pooling, read_pooling, split_pooling

_SPECIAL_STARTS = "[<"
_PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Teacher:
    """A loaded teacher, with its name in the recipe and the SHA-256 of its weights."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    sha256: str
    pooling: Pooling = Pooling.MEAN

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle weights and settings alone: hooks that transformers adds to a model in use can't be pickled."""
        others = (self.tokenizer, self.name, self.sha256, self.pooling)
        return _rebuilt, (self.model.config, self.model.state_dict(), *others)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.model.config.hidden_size)

    @property
    def embeddings(self) -> Tensor:
        """The token embeddings, `[vocabulary, width]`."""
        table: Tensor = self.model.get_input_embeddings().get_parameter("weight").detach()
        return table

    @property
    def vocabulary(self) -> dict[str, int]:
        """Id by token."""
        return dict(self.tokenizer.get_vocab())

    @property
    def lowercase(self) -> bool:
        """True if texts are lowercased before tokenisation."""
        return bool(getattr(self.tokenizer, "do_lower_case", True))


def _rebuilt(
    config: PreTrainedConfig,
    weights: dict[str, Tensor],
    tokenizer: PreTrainedTokenizerBase,
    name: str,
    sha256: str,
    pooling: Pooling,
) -> Teacher:
    model = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    model.to(next(iter(weights.values())).dtype).load_state_dict(weights)
    return Teacher(model.eval(), tokenizer, name, sha256, pooling)


def top_layers(teacher: Teacher, count: int, setting: str) -> nn.ModuleList:
    """Return the encoder's last layers, and freeze all other weights in place; `setting` is the recipe's key.

    Raises:
        TeacherError: the teacher has fewer layers, or is not laid out as BERT.
    """
    every = layers_of(teacher, count, setting)
    teacher.model.requires_grad_(requires_grad=False)
    top = every[len(every) - count :]
    top.requires_grad_(requires_grad=True)
    return top


def layers_of(teacher: Teacher, count: int, setting: str) -> nn.ModuleList:
    """Return the encoder's layers, `count` of which the setting asks for.

    Raises:
        TeacherError: the teacher has fewer layers, or is not laid out as BERT.
    """
    try:
        every: nn.ModuleList = teacher.model.get_submodule("encoder.layer")  # type: ignore[assignment]
    except AttributeError:
        raise TeacherError(
            f"{setting}: the teacher {teacher.name} has no layers laid out as BERT's; only those can train"
        ) from None
    if count > len(every):
        raise TeacherError(f"{setting} is {count}; the teacher has {len(every)}")
    return every


def load_teacher(model: str) -> Teacher:
    """Load a Hugging Face folder, a hub name, or `package:NAME/PATH`; a suffix `:cls` or `:mean` sets the pooling.

    Without a suffix the model's pooling configuration decides, and without one it is the mean. Texts are lowercased
    where the vocabulary has no capitals, whatever the folder says.

    Raises:
        TeacherError: there is no such model, it is not a BERT-like encoder with a WordPiece vocabulary, or its pooling
            is unknown.
    """
    name, pooling = split_pooling(model)
    source = resolve_model(name)
    if Path(source).is_dir():
        check_folder(Path(source))
    encoder, tokenizer = _load(source, model)
    if not tokenizer.do_lower_case and not _has_capitals(tokenizer):
        tokenizer.backend_tokenizer.normalizer = BertNormalizer(lowercase=True)
        tokenizer.do_lower_case = True
    return Teacher(encoder, tokenizer, model, weights_sha256(encoder), pooling or _pooling_of(source))


def _load(source: str, model: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        encoder, info = AutoModel.from_pretrained(source, dtype=torch.float32, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TeacherError(f"the teacher {model} can't be loaded: {reason}") from None
    check_loaded(encoder, tokenizer, info["missing_keys"], info["unexpected_keys"], model)
    return encoder.eval(), tokenizer


def resolve_model(model: str) -> str:
    """Resolve `package:NAME/PATH` to the folder inside the installed package; return other names unchanged.

    Raises:
        TeacherError: the package or the folder is missing.
    """
    if not model.startswith("package:"):
        if model.startswith((".", "/", "~")) and not Path(model).expanduser().is_dir():
            raise TeacherError(f"the teacher folder {model} does not exist")
        return str(Path(model).expanduser()) if Path(model).expanduser().is_dir() else model
    package, _, inside = model.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise TeacherError(
            f"the teacher's package {package} is not installed; try: pip install 'edge-rank[build,teachers]'"
        )
    folder = Path(spec.submodule_search_locations[0]) / inside
    if not folder.is_dir():
        raise TeacherError(f"the teacher's package {package} has no folder {inside}")
    return str(folder)


def folder_of(model: str) -> Path:
    """Return the folder with a teacher's files; for a hub name, that of the local cache.

    Raises:
        TeacherError: it was never downloaded.
    """
    source = resolve_model(split_pooling(model)[0])
    if Path(source).is_dir():
        return Path(source)
    cached = cached_file(source, "config.json", local_files_only=True, _raise_exceptions_for_missing_entries=False)
    if cached is None:
        raise TeacherError(f"the teacher {model} is not in the local cache")
    return Path(cached).parent


def _has_capitals(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Check for capitals in a vocabulary; without them a cased text would become `[UNK]`."""
    return any(token != token.lower() for token in tokenizer.get_vocab() if token[0] not in _SPECIAL_STARTS)


def _pooling_of(source: str) -> Pooling:
    if Path(source).is_dir():
        return read_pooling(Path(source))
    cached = cached_file(
        source,
        CONFIGURATION,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    return read_pooling(Path(cached).parents[1]) if cached else Pooling.MEAN


def weights_sha256(model: nn.Module) -> str:
    """Hash the names and values of a model's weights."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


def identity_projection(dimension: int) -> nn.Linear:
    """Make a projection that starts as the identity."""
    layer = nn.Linear(dimension, dimension, bias=False)
    nn.init.eye_(layer.weight)
    return layer


def tokenize(teacher: Teacher, texts: Sequence[str], max_length: int) -> list[list[int]]:
    """Tokenize texts as the teacher does, special tokens included."""
    if not texts:
        return []
    rows: list[list[int]] = teacher.tokenizer(list(texts), truncation=True, max_length=max_length)["input_ids"]
    return rows


@contextmanager
def precision(model: nn.Module, name: str) -> Iterator[None]:
    """Hold a model's weights in another precision for a while, and restore the fp32 weights exactly."""
    if name == "float32":
        yield
        return
    kept = {key: value.clone() for key, value in model.state_dict().items()}
    model.to(_PRECISIONS[name])
    try:
        yield
    finally:
        model.to(torch.float32)
        model.load_state_dict(kept)
