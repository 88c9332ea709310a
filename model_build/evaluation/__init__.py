"""Evaluation of a model on ranking, behaviour, similarity and language tasks, beside its teacher and baselines.

evaluate: every system on every task. tasks/: the tasks. systems/: what can be compared. metrics: NDCG, HR, AUC and
bootstrap intervals. result: measurements, shares and family means, and their JSON. tables: the same on a terminal.
cache: stored vectors. agreement: student against teacher. leakage: texts that must not train.
validation_sets: examples that select a model while it is built.
"""

from model_build.common.errors import DataError, EvaluationError, UnknownTaskError
from model_build.common.systems import EmbeddingSystem, LexicalSystem, Role, System
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.leakage import evaluation_texts, normalized
from model_build.evaluation.result import (
    EvaluationResult,
    FamilyMean,
    Measurement,
    Share,
    SystemSize,
    family_means,
    from_json,
    measured_families,
    to_json,
)
from model_build.evaluation.tasks.base import Family
from model_build.evaluation.tasks.registry import DEFAULT_TASKS, task_names
from model_build.evaluation.validation_sets import Validation, load_validation

__all__ = [
    "DEFAULT_TASKS",
    "DataError",
    "EmbeddingSystem",
    "EvaluationError",
    "EvaluationResult",
    "Family",
    "FamilyMean",
    "LexicalSystem",
    "Measurement",
    "Role",
    "Share",
    "System",
    "SystemSize",
    "UnknownTaskError",
    "Validation",
    "evaluate",
    "evaluation_texts",
    "family_means",
    "from_json",
    "load_validation",
    "measured_families",
    "normalized",
    "task_names",
    "to_json",
]
