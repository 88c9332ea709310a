"""The tasks by name."""

from model_build.evaluation.behaviour import BEHAVIOUR_TASKS
from model_build.evaluation.errors import UnknownTaskError
from model_build.evaluation.language import LANGUAGE_TASKS
from model_build.evaluation.pairs import PAIRS_TASKS
from model_build.evaluation.search import SEARCH_TASKS
from model_build.evaluation.task import Task

DEFAULT_TASKS = (
    "stsb",
    "msrd",
    "amazon_office",
    "ml_latest_small",
    "online_retail",
    "mrpc",
    "banking77",
    "trec6",
)

_FAMILIES: tuple[tuple[Task, ...], ...] = (SEARCH_TASKS, BEHAVIOUR_TASKS, PAIRS_TASKS, LANGUAGE_TASKS)
_TASKS = {task.name: task for family in _FAMILIES for task in family}


def task_names() -> tuple[str, ...]:
    """Every task's name."""
    return tuple(_TASKS)


def task_named(name: str) -> Task:
    """The task of a name.

    Raises:
        UnknownTaskError: there is none; the message lists the names.
    """
    if name not in _TASKS:
        raise UnknownTaskError(name, _TASKS)
    return _TASKS[name]
