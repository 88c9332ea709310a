"""Models of several sizes beside each other: one evaluation of many, and its page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from model_build.common.errors import RunError
from model_build.evaluation import EvaluationResult, Role, SystemSize, from_json
from model_build.report import plots
from model_build.report.page import write_page
from model_build.report.quality import quality_of
from model_build.run.context import ARTIFACT, NAMES
from model_build.run.stage import stage_folder
from service.artifact.artifact import MANIFEST, Manifest

_EVALUATION = "evaluation.json"


def read_evaluation(source: Path) -> EvaluationResult:
    """An evaluation, from the JSON file that `model-build evaluate --json` wrote or from a run's folder.

    A run's model has the bytes that it was published with.

    Raises:
        RunError: there is none.
    """
    if (source / MANIFEST).is_file():
        raise RunError(
            f"{source} is an artifact, which keeps no intervals; measure it: model-build evaluate {source} --json FILE"
        )
    path = stage_folder(source, NAMES, "evaluation") / _EVALUATION if source.is_dir() else source
    try:
        evaluation = from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(
            f"{path} does not exist; name a file of `model-build evaluate --json`, or a finished run"
        ) from None
    except ValueError:
        raise RunError(f"{path} is no evaluation; was anything measured there?") from None
    return evaluation.with_artifact_bytes(_published_bytes(source)) if source.is_dir() else evaluation


def _published_bytes(run: Path) -> int:
    path = stage_folder(run, NAMES, "publication") / ARTIFACT / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes()).device_bytes
    except FileNotFoundError:
        raise RunError(f"{run} has published no model; carry the run to its end first") from None


def merged(evaluations: Sequence[EvaluationResult]) -> EvaluationResult:
    """All systems of several evaluations but the fp32 parents, the artifacts first and by size.

    Of a system that several have measured, the first one's figures stand.

    Raises:
        RunError: two different artifacts have one name, or two systems one name and different sizes.
    """
    systems: dict[str, SystemSize] = {}
    measurements = []
    for evaluation in evaluations:
        for system in evaluation.systems:
            if system.role is Role.PARENT:
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
    """Write `family.md`, `plots/*.svg` and `family.html` into a folder, which is made where it lacks."""
    contents = {"evaluation": evaluation, "quality": quality_of(evaluation)}
    write_page("family", contents, lambda layout: _plots(evaluation, layout), folder)


def _plots(evaluation: EvaluationResult, layout: plots.Layout) -> Mapping[str, str]:
    return {
        "families": plots.family_curves(evaluation, layout),
        "tasks": plots.size_against_quality(evaluation, layout),
    }
