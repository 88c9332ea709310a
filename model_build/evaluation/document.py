"""An evaluation as a JSON document."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from pydantic import TypeAdapter

from model_build.evaluation.aggregate import family_means
from model_build.evaluation.result import EvaluationResult, SystemSize


def to_json(result: EvaluationResult) -> str:
    """The result as indented JSON.

    With it go what can be worked out of it: the share of the teacher and of the fp32 parent that each system keeps, by
    task, and the means of the families. `from_json` passes these over.
    """
    document: Mapping[str, object] = {
        **asdict(result),
        "teacher_kept": _kept(result, result.teacher),
        "parent_kept": _kept(result, result.parent),
        "families": [asdict(mean) for mean in family_means(result)],
    }
    return json.dumps(document, indent=2) + "\n"


def from_json(text: str) -> EvaluationResult:
    """The result that `to_json` wrote.

    Raises:
        ValueError: the text is not such a result.
    """
    return TypeAdapter(EvaluationResult).validate_json(text)


def _kept(result: EvaluationResult, reference: SystemSize | None) -> dict[str, dict[str, float]]:
    shares = {
        system.name: {task: result.kept(system.name, reference, task) for task in result.tasks}
        for system in result.systems
        if reference is not None and system != reference
    }
    return {
        system: {task: round(share, 4) for task, share in row.items() if share is not None}
        for system, row in shares.items()
    }
