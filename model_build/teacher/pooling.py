"""Pooling of a teacher's hidden states into one vector: their mean, or the state of the first token."""

import json
from enum import StrEnum
from pathlib import Path

from torch import Tensor

from model_build.common.errors import TeacherError

CONFIGURATION = "1_Pooling/config.json"
"""The file of a model's folder in which sentence-transformers configures pooling."""

_FLAG, _FLAG_NAMES = "pooling_mode_", {"cls_token": "cls", "mean_tokens": "mean"}


class Pooling(StrEnum):
    """A pooling method."""

    MEAN = "mean"
    CLS = "cls"

    def __call__(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Pool: `[batch, length, width]`, `[batch, length]` -> `[batch, width]`."""
        return mean_pool(hidden, mask) if self is Pooling.MEAN else hidden[:, 0]


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Average hidden states, padding excluded: `[batch, length, width]`, `[batch, length]` -> `[batch, width]`."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def split_pooling(model: str) -> tuple[str, Pooling | None]:
    """Split a suffix `:cls` or `:mean` off a model's name."""
    name, colon, suffix = model.rpartition(":")
    return (name, Pooling(suffix)) if colon and suffix in set(Pooling) else (model, None)


def read_pooling(folder: Path) -> Pooling:
    """Read the pooling of a folder's model; without a configuration it is the mean.

    Raises:
        TeacherError: the configuration can't be read, or names an unknown method.
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
    """Return the methods that a configuration names: older ones have flags, newer ones a name or a list of names."""
    named = configuration.get("pooling_mode")
    if named is not None:
        return [named] if isinstance(named, str) else [str(name) for name in named]  # type: ignore[attr-defined]
    flags = [key.removeprefix(_FLAG) for key, on in configuration.items() if key.startswith(_FLAG) and on is True]
    return [_FLAG_NAMES.get(flag, flag) for flag in flags] or [Pooling.MEAN.value]
