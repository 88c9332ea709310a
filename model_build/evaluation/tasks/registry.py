"""The tasks by name."""

from model_build.common.errors import UnknownTaskError
from model_build.evaluation.tasks.base import Family, Task
from model_build.evaluation.tasks.behaviour import BEHAVIOUR_TASKS
from model_build.evaluation.tasks.language import LANGUAGE_TASKS
from model_build.evaluation.tasks.pairs import PAIRS_TASKS
from model_build.evaluation.tasks.search import SEARCH_TASKS

DEFAULT_TASKS = (
    *("msrd", "homedepot"),
    *("amazon_office", "ml_latest_small", "online_retail"),
    *("stsb", "mrpc"),
    *("banking77", "snips", "sst2", "trec6", "pricerunner_category"),
)
"""Measured by default, in the order of their families."""

_FAMILIES: dict[Family, tuple[Task, ...]] = {
    Family.SEARCH: SEARCH_TASKS,
    Family.BEHAVIOUR: BEHAVIOUR_TASKS,
    Family.SIMILARITY: PAIRS_TASKS,
    Family.LANGUAGE: LANGUAGE_TASKS,
}
_TASKS = {task.name: task for tasks in _FAMILIES.values() for task in tasks}
_FAMILY_OF = {task.name: family for family, tasks in _FAMILIES.items() for task in tasks}


def task_named(name: str) -> Task:
    """Look up a task.

    Raises:
        UnknownTaskError: there is none of this name; the message lists the names.
    """
    if name not in _TASKS:
        raise UnknownTaskError(name, _TASKS)
    return _TASKS[name]


def family_of(name: str) -> Family | None:
    """The family of a task, or None if there is no such task."""
    return _FAMILY_OF.get(name)
