"""What can go wrong in an ablation."""

from collections.abc import Iterable

from model_build.common.errors import BuildError


class AblationError(BuildError):
    """An ablation can't be run as asked; the message says in one line why."""


class UnknownVariantError(AblationError):
    """No variant has this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no variant {name!r}; the variants are {', '.join(known)}")
