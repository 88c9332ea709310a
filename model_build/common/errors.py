"""The exceptions of the builder. Each message is one line that says what to change.

BuildError
├── RecipeError
├── CorpusError
├── TeacherError
├── RunError
├── WorkersError
├── StartError
├── BudgetError
├── GateError
├── GraphError
├── CardError
├── ExamplesError
├── AblationError
│   └── UnknownVariantError
├── EvaluationError
│   ├── DataError
│   ├── ModelError
│   └── UnknownTaskError
└── FittingError
    └── LogError
"""

from collections.abc import Iterable


class BuildError(Exception):
    """A build can't go on; the command prints the message and exits with 1."""


class RecipeError(BuildError):
    """The recipe can't be read, or a value in it is out of range."""


class CorpusError(BuildError):
    """The training texts can't be read, or too few are left."""


class TeacherError(BuildError):
    """The teacher can't be loaded."""


class RunError(BuildError):
    """A run's folder lacks what was asked of it."""


class WorkersError(BuildError):
    """The requested workers are not available."""


class StartError(BuildError):
    """The artifact to initialise the student from can't be read back, or has another shape."""


class BudgetError(BuildError):
    """The student does not fit the byte budget."""


class GateError(BuildError):
    """A metric is below the gate that the recipe sets; nothing is published."""


class GraphError(BuildError):
    """The graph is not one that a build wrote."""


class CardError(BuildError):
    """The file is not a model card that a build wrote."""


class ExamplesError(BuildError):
    """A file of examples can't be read, or a head can't be fitted to it or measured on it."""


class AblationError(BuildError):
    """An ablation can't be run as asked."""


class UnknownVariantError(AblationError):
    """No variant has this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no variant {name!r}; the variants are {', '.join(known)}")


class EvaluationError(BuildError):
    """An evaluation can't be run as asked."""


class DataError(EvaluationError):
    """A benchmark file is missing or has another layout than expected."""


class ModelError(EvaluationError):
    """A system to compare with can't be loaded."""


class UnknownTaskError(EvaluationError):
    """No task has this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no task {name!r}; the tasks are {', '.join(known)}")


class FittingError(BuildError):
    """Ranking weights can't be learned as asked."""


class LogError(FittingError):
    """A ranking log can't be read, or too many of its lines are bad."""
