"""What can go wrong with fitting a head."""

from model_build.common.errors import BuildError


class ExamplesError(BuildError):
    """A file of examples can't be read, or no head can be fitted to it or measured on it."""
