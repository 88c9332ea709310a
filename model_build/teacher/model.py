"""The teacher: a Hugging Face sentence encoder, pooled as its folder says, with a linear task layer on top.

Its encoder is run once over the corpus when it is frozen, or live when its top layers adapt to the student (see
`features`). The task layer starts as the identity, so that at first the teacher's vectors are what they were.
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

from model_build.common.device import CPU
from model_build.common.errors import TeacherError
from model_build.teacher.checks import check_folder, check_loaded
from model_build.teacher.pooling import CONFIGURATION, Pooling, read_pooling, split_pooling
from model_build.teacher.pooling import mean_pool as mean_pool  # noqa: PLC0414 (students pool as teachers do)

_MARK_STARTS = "[<"
_PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Teacher:
    """A loaded teacher.

    Attributes:
        model: the encoder.
        tokenizer: its tokenizer.
        name: what it was asked for by.
        sha256: of its weights.
        pooling: how its hidden states become a vector.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    sha256: str
    pooling: Pooling = Pooling.MEAN

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled, it is its weights and settings: what transformers hangs onto a model that it has run can't be."""
        said = (self.tokenizer, self.name, self.sha256, self.pooling)
        return _rebuilt, (self.model.config, self.model.state_dict(), *said)

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
        """Id by piece."""
        return dict(self.tokenizer.get_vocab())

    @property
    def lowercase(self) -> bool:
        """Whether texts are lowercased before they are split."""
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
    """The encoder's last layers, to be trained.

    Args:
        teacher: all its weights are frozen; these layers' are not.
        count: how many.
        setting: what asks for them.

    Raises:
        TeacherError: the teacher has fewer, or none that are known here.
    """
    every = layers_of(teacher, count, setting)
    teacher.model.requires_grad_(requires_grad=False)
    top = every[len(every) - count :]
    top.requires_grad_(requires_grad=True)
    return top


def layers_of(teacher: Teacher, count: int, setting: str) -> nn.ModuleList:
    """The encoder's layers, of which the setting asks for `count`.

    Raises:
        TeacherError: the teacher has fewer, or none that are known here.
    """
    try:
        every: nn.ModuleList = teacher.model.get_submodule("encoder.layer")  # type: ignore[assignment]
    except AttributeError:
        raise TeacherError(
            f"{setting}: the teacher {teacher.name} has no layers as BERT has; only those train"
        ) from None
    if count > len(every):
        raise TeacherError(f"{setting} is {count}; the teacher has {len(every)}")
    return every


def load_teacher(model: str) -> Teacher:
    """Load a Hugging Face folder, a hub name, or `package:NAME/PATH`; `:cls` or `:mean` after it says how to pool.

    Where nothing says how, the model's pooling configuration does, and without one it is the mean. Texts are
    lowercased where the vocabulary has no capitals, whatever the folder says.

    Raises:
        TeacherError: there is no such model, or it is not a BERT-like encoder with a WordPiece vocabulary, or its
            pooling is not known.
    """
    name, said = split_pooling(model)
    place = resolve_model(name)
    if Path(place).is_dir():
        check_folder(Path(place))
    encoder, tokenizer = _load(place, model)
    if not tokenizer.do_lower_case and not _has_capitals(tokenizer):
        tokenizer.backend_tokenizer.normalizer = BertNormalizer(lowercase=True)
        tokenizer.do_lower_case = True
    return Teacher(encoder, tokenizer, model, weights_sha256(encoder), said or _pooling_of(place))


def _load(place: str, model: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        encoder, told = AutoModel.from_pretrained(place, dtype=torch.float32, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(place)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TeacherError(f"the teacher {model} can't be loaded: {reason}") from None
    check_loaded(encoder, tokenizer, told["missing_keys"], model)
    return encoder.eval(), tokenizer


def resolve_model(model: str) -> str:
    """Turn `package:NAME/PATH` into the folder inside the installed package; other names pass.

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
    """The folder with a teacher's files; of a hub name, the one in the local cache that loading it has filled.

    Raises:
        TeacherError: it was never loaded.
    """
    place = resolve_model(split_pooling(model)[0])
    if Path(place).is_dir():
        return Path(place)
    cached = cached_file(place, "config.json", local_files_only=True, _raise_exceptions_for_missing_entries=False)
    if cached is None:
        raise TeacherError(f"the teacher {model} is not in the local cache")
    return Path(cached).parent


def _has_capitals(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a vocabulary has capitals; without any, a text that keeps its own is unknown where it has one."""
    return any(piece != piece.lower() for piece in tokenizer.get_vocab() if piece[0] not in _MARK_STARTS)


def _pooling_of(place: str) -> Pooling:
    if Path(place).is_dir():
        return read_pooling(Path(place))
    cached = cached_file(
        place,
        CONFIGURATION,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    return read_pooling(Path(cached).parents[1]) if cached else Pooling.MEAN


def weights_sha256(model: nn.Module) -> str:
    """SHA-256 over the names and values of a model's weights."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


def identity_layer(dimension: int) -> nn.Linear:
    """A task layer that changes nothing yet."""
    layer = nn.Linear(dimension, dimension, bias=False)
    nn.init.eye_(layer.weight)
    return layer


def pad(rows: Sequence[Sequence[int]], pad_id: int, device: torch.device = CPU) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask, int64 `[rows, longest]`, on a device."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.int64)
    mask = torch.zeros((len(rows), longest), dtype=torch.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
    return ids.to(device), mask.to(device)


def tokenize(teacher: Teacher, texts: Sequence[str], max_length: int) -> list[list[int]]:
    """The teacher's token ids, marks included."""
    if not texts:
        return []
    rows: list[list[int]] = teacher.tokenizer(list(texts), truncation=True, max_length=max_length)["input_ids"]
    return rows


@contextmanager
def precision(model: nn.Module, name: str) -> Iterator[None]:
    """Hold the model's weights in another precision for a while; the fp32 weights come back unharmed."""
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
