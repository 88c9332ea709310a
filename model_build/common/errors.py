"""What may stop a build. Each message is one line that says what to mend."""


class BuildError(Exception):
    """A build can't go on; the command prints the message and exits with 1."""


class RecipeError(BuildError):
    """The recipe can't be read, or a value in it is out of range."""


class CorpusError(BuildError):
    """The training texts can't be read, or too few are left."""


class TeacherError(BuildError):
    """The teacher can't be loaded."""


class RunError(BuildError):
    """A run's folder does not hold what was asked of it."""


class WorkersError(BuildError):
    """There are no workers as they were asked for."""


class StartError(BuildError):
    """The artifact whose weights the student was to start with can't be read back, or has another shape."""


class BudgetError(BuildError):
    """The student does not fit the byte budget."""


class GateError(BuildError):
    """A figure is under the gate that the recipe sets; nothing is published."""


class CardError(BuildError):
    """A model card is none that a build wrote."""
