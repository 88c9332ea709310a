"""A page that compares models of several sizes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from model_build.common.errors import RunError
from model_build.common.systems import Role
from model_build.evaluation.quality import quality_of
from model_build.evaluation.result import EvaluationResult, SystemSize
from model_build.report import plots
from model_build.report.canvas import Layout
from model_build.report.page import write_page


def merged(evaluations: Sequence[EvaluationResult]) -> EvaluationResult:
    """All systems of several evaluations but the fp32 references, artifacts first and by size.

    If several evaluations have a system, the first one's measurements are used.

    Raises:
        RunError: two different artifacts have the same name, or two systems the same name and different sizes.
    """
    systems: dict[str, SystemSize] = {}
    measurements = []
    for evaluation in evaluations:
        for system in evaluation.systems:
            if system.role is Role.FP32:
                continue
            known = systems.setdefault(system.name, system)
            if known.bytes != system.bytes:
                raise RunError(
                    f"{system.name} has {known.bytes:,} bytes in one evaluation and {system.bytes:,} in another"
                )
            if system.role is Role.ARTIFACT and known.identity and system.identity not in (known.identity, None):
                raise RunError(f"{system.name} is another model in one evaluation than in another; measure it anew")
            if known is system:
                measurements += [one for one in evaluation.measurements if one.system == system.name]
    order = sorted(systems.values(), key=lambda one: (one.role is not Role.ARTIFACT, one.bytes))
    tasks = dict.fromkeys(task for evaluation in evaluations for task in evaluation.tasks)
    return EvaluationResult(
        systems=tuple(order),
        tasks=tuple(tasks),
        measurements=tuple(measurements),
        seed=evaluations[0].seed,
        limit=evaluations[0].limit,
    )


def write_family(evaluation: EvaluationResult, folder: Path) -> None:
    """Write `family.md`, `plots/*.svg` and `family.html` into a folder, which is made if missing."""
    contents = {"evaluation": evaluation, "quality": quality_of(evaluation)}
    write_page("family", contents, lambda layout: _plots(evaluation, layout), folder)


def _plots(evaluation: EvaluationResult, layout: Layout) -> Mapping[str, str]:
    return {
        "families": plots.family_curves(evaluation, layout),
        "tasks": plots.size_against_quality(evaluation, layout),
    }
