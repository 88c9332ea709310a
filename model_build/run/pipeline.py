"""The build from recipe to artifact: its stages in order, and how they are run.

01-corpus        the training texts
02-teacher       the teacher's vectors and projection
03-vocabulary    the pruned vocabulary
04-student       the initial encoder
05-distillation  the trained student
06-quantization  the cost of each module's scheme
07-export        the ONNX graphs
08-artifact      the artifact, not yet measured
09-evaluation    its figures
10-publication   the artifact with figures and card
11-report        the report
"""

from collections.abc import Mapping
from pathlib import Path

import torch

from model_build.common.log import Journal, Silence
from model_build.distillation.distributed import Processes
from model_build.export.artifact import publish
from model_build.recipe import Recipe
from model_build.run.context import Context
from model_build.run.preflight import preflight
from model_build.run.stage import Stage, StageModule, follow_stages, make_stages, refuse_earlier_run, run_stages
from model_build.run.stages import (
    artifact,
    corpus,
    distillation,
    evaluation,
    export,
    publication,
    quantization,
    report,
    student,
    teacher,
    vocabulary,
)
from model_build.teacher.workers import Workers
from service.artifact.artifact import Artifact, load_artifact

JOURNAL = "journal.jsonl"


STAGES: Mapping[str, StageModule[Context]] = {
    "corpus": corpus,
    "teacher": teacher,
    "vocabulary": vocabulary,
    "student": student,
    "distillation": distillation,
    "quantization": quantization,
    "export": export,
    "artifact": artifact,
    "evaluation": evaluation,
    "publication": publication,
    "report": report,
}
SHARED = frozenset({"distillation"})
"""The stages that all processes of a run take part in."""


def run_build(
    recipe: Recipe,
    data: Path,
    folder: Path,
    *,
    destination: Path,
    resume: bool,
    workers: Workers | None = None,
    processes: Processes | None = None,
) -> Artifact:
    """Build an artifact and publish it.

    Args:
        recipe: everything that decides the result.
        data: the folder with the texts, and with `benchmark/` for figures.
        folder: for the stages.
        destination: for the artifact.
        resume: continue the run in `folder`.
        workers: embed the corpus; by default this process.
        processes: share the distillation; by default this process alone.

    Raises:
        BuildError: the recipe, the data or the folder must be changed first; `destination` is unchanged. What can be
            checked before the first stage is, and then nothing is written.
    """
    refuse_earlier_run(folder, resume=resume)
    journal = Journal(folder / JOURNAL)
    context = Context(recipe, data, folder, journal, workers, processes)
    stages = _checked_stages(context)
    journal.event("run", "started", recipe=recipe.name, seed=recipe.seed)
    run_stages(stages, folder, journal, context.processes)
    publish(publication.published(context), destination)
    made = load_artifact(destination)
    journal.event(
        "run",
        "published",
        artifact=str(destination),
        revision=made.manifest.revision,
        device_bytes=made.manifest.device_bytes,
    )
    return made


def follow_build(recipe: Recipe, data: Path, folder: Path, processes: Processes) -> None:
    """Take part in the build that the leading process runs with the same arguments.

    Raises:
        BuildError: as in the leading process.
    """
    context = Context(recipe, data, folder, Silence(), processes=processes)
    follow_stages(_checked_stages(context), folder, processes)


def stages_of(context: Context) -> tuple[Stage, ...]:
    """Return the stages of a run, with their inputs."""
    return make_stages(STAGES, context, SHARED)


def make_deterministic(threads: int) -> None:
    """Make torch compute the same weights in every run on machines of a kind: the number of threads splits sums."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)


def _checked_stages(context: Context) -> tuple[Stage, ...]:
    _ = context.files
    make_deterministic(context.recipe.threads)
    preflight(context)
    return stages_of(context)
