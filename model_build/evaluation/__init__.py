"""How good a model is: ranking, behaviour, similarity and language understanding, beside its teacher and baselines.

`evaluate` measures systems on tasks; `load_validation` selects a model while it is built, on other examples;
`evaluation_texts` names the texts that must train nothing.
"""

from model_build.evaluation.errors import DataError, EvaluationError, UnknownTaskError
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.result import EvaluationResult, Measurement, SystemSize, from_json, to_json
from model_build.evaluation.system import EmbeddingSystem, LexicalSystem, Role, System
from model_build.evaluation.tasks import DEFAULT_TASKS, task_names
from model_build.evaluation.texts import evaluation_texts, normalized
from model_build.evaluation.validation import Validation, load_validation

__all__ = [
    "DEFAULT_TASKS",
    "DataError",
    "EmbeddingSystem",
    "EvaluationError",
    "EvaluationResult",
    "LexicalSystem",
    "Measurement",
    "Role",
    "System",
    "SystemSize",
    "UnknownTaskError",
    "Validation",
    "evaluate",
    "evaluation_texts",
    "from_json",
    "load_validation",
    "normalized",
    "task_names",
    "to_json",
]
