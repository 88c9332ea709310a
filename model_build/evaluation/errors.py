"""What can go wrong in an evaluation."""

from collections.abc import Iterable

from model_build.common.errors import BuildError


class EvaluationError(BuildError):
    """An evaluation can't be run as asked; the message says in one line why."""


class DataError(EvaluationError):
    """A benchmark file is missing or isn't laid out as expected."""


class UnknownTaskError(EvaluationError):
    """No task has this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no task {name!r}; the tasks are {', '.join(known)}")


class ModelError(EvaluationError):
    """A system to compare with can't be loaded."""
