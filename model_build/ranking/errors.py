"""What can go wrong while weights are learned or measured."""

from model_build.common.errors import BuildError


class FittingError(BuildError):
    """Weights can't be learned as asked; the message says in one line why."""


class LogError(FittingError):
    """A ranking log can't be read, or too much of it is bad."""
