"""How the hidden states of a teacher become one vector of a text: their mean, or the state of the first token."""

import json
from enum import StrEnum
from pathlib import Path

from torch import Tensor

from model_build.common.errors import TeacherError

CONFIGURATION = "1_Pooling/config.json"
"""Where sentence-transformers says it, in a model's folder."""

_FLAG, _FLAG_NAMES = "pooling_mode_", {"cls_token": "cls", "mean_tokens": "mean"}


class Pooling(StrEnum):
    """A way to pool."""

    MEAN = "mean"
    CLS = "cls"

    def __call__(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Vectors of texts: `[batch, length, width]`, `[batch, length]` -> `[batch, width]`."""
        return mean_pool(hidden, mask) if self is Pooling.MEAN else hidden[:, 0]


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean of the hidden states of real tokens: `[batch, length, width]`, `[batch, length]` -> `[batch, width]`."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def split_pooling(model: str) -> tuple[str, Pooling | None]:
    """Take `:cls` or `:mean` off a model's name: the name alone, and the pooling where it was said."""
    name, colon, said = model.rpartition(":")
    return (name, Pooling(said)) if colon and said in set(Pooling) else (model, None)


def read_pooling(folder: Path) -> Pooling:
    """How the model of a folder pools; the mean where its folder does not say.

    Raises:
        TeacherError: the configuration can't be read, or says a way that is not known here.
    """
    path = folder / CONFIGURATION
    if not path.is_file():
        return Pooling.MEAN
    try:
        modes = _modes(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, AttributeError):
        raise TeacherError(f"{path} is not a pooling configuration") from None
    if len(modes) != 1 or modes[0] not in set(Pooling):
        raise TeacherError(f"{path} asks for pooling by {' and '.join(modes)}; only {' or '.join(Pooling)} is known")
    return Pooling(modes[0])


def _modes(configuration: dict[str, object]) -> list[str]:
    """The ways that a configuration asks for; older ones have a flag for each, newer ones a name or a list of them."""
    named = configuration.get("pooling_mode")
    if named is not None:
        return [named] if isinstance(named, str) else [str(name) for name in named]  # type: ignore[attr-defined]
    flags = [key.removeprefix(_FLAG) for key, on in configuration.items() if key.startswith(_FLAG) and on is True]
    return [_FLAG_NAMES.get(flag, flag) for flag in flags] or [Pooling.MEAN.value]
