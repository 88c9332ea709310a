"""How good a model is: ranking, behaviour, similarity and language understanding, beside its teacher and baselines.

`evaluate` measures systems on tasks; `load_validation` selects a model while it is built, on other examples;
`evaluation_texts` names the texts that must train nothing.
"""

from model_build.common.systems import EmbeddingSystem, LexicalSystem, Role, System
from model_build.evaluation.aggregate import FamilyMean, family_means, measured_families
from model_build.evaluation.document import from_json, to_json
from model_build.evaluation.errors import DataError, EvaluationError, UnknownTaskError
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.leakage import evaluation_texts, normalized
from model_build.evaluation.result import EvaluationResult, Measurement, Share, SystemSize
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
