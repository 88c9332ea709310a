"""The build from recipe to artifact: which stages there are, in which order, and what decides each.

01-corpus        texts.txt, heldout.txt, pairs.npy, sources.json
02-teacher       vectors.npy, heldout/vectors.npy, task_layer.pt; with tasks: fine_tuned.pt, tasks/vectors.npy
03-vocabulary    vocab.txt, importance.npz, coverage.json
04-student       encoder/, pretraining.json; pooling.pt where it starts with a published one
05-distillation  checkpoint.pt, student.pt, curve.json
06-quantization  device.pt, sensitivity.json
07-export        fp32.onnx, int8.onnx, parity.json
08-artifact      artifact/: not yet measured
09-evaluation    evaluation.json; with tasks: heads.json
10-publication   artifact/: with figures and card; with tasks: heads/NAME/
11-report        report.html, report.md, plots/; report.json: what they tell
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch

from model_build.common.log import Journal, Silence
from model_build.common.tsv import find_files
from model_build.distillation.distributed import Processes
from model_build.export.artifact import publish
from model_build.recipe import Recipe
from model_build.run.preflight import preflight
from model_build.run.stage import Stage, follow_stages, refuse_earlier_run, run_stages
from model_build.run.stages.steps import Steps
from model_build.student.init import distillation_inputs
from model_build.teacher.pooling import Pooling
from model_build.teacher.workers import Workers
from service.artifact.artifact import Artifact, file_sha256, load_artifact

JOURNAL = "journal.jsonl"


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
    """Make an artifact.

    Args:
        recipe: what to make.
        data: the folder with the texts, and with `benchmark/` where figures are wanted.
        folder: where the stages work.
        destination: where the artifact is published.
        resume: whether to go on with what `folder` holds.
        workers: who embeds the corpus; this process where nobody is named.
        processes: that follow this one; none where none are named.

    Raises:
        BuildError: something must be mended first; `destination` is as it was. What can be known before the first stage
            is told then, and nothing is written.
    """
    refuse_earlier_run(folder, resume=resume)
    journal = Journal(folder / JOURNAL)
    steps = Steps(recipe, data, folder, journal, workers, processes)
    stages = _ready(steps)
    journal.event("run", "started", recipe=recipe.name, seed=recipe.seed)
    run_stages(stages, folder, journal, steps.processes)
    publish(steps.published, destination)
    artifact = load_artifact(destination)
    journal.event(
        "run",
        "published",
        artifact=str(destination),
        revision=artifact.manifest.revision,
        device_bytes=artifact.manifest.device_bytes,
    )
    return artifact


def follow_build(recipe: Recipe, data: Path, folder: Path, processes: Processes) -> None:
    """Take part in the build that the leading process makes with the same arguments (see `processes`).

    Raises:
        BuildError: something must be mended first; the leading process tells the same.
    """
    steps = Steps(recipe, data, folder, Silence(), processes=processes)
    follow_stages(_ready(steps), folder, processes)


def _ready(steps: Steps) -> tuple[Stage, ...]:
    """The stages of a run, of which nothing is known that would stop them."""
    files = find_files(steps.recipe.corpus.files, steps.data)
    make_deterministic(steps.recipe.threads)
    preflight(steps, files)
    return stages_of(steps.recipe, steps, files)


def stages_of(recipe: Recipe, steps: Steps, files: list[Path]) -> tuple[Stage, ...]:
    """The stages, each with the inputs that decide what it makes."""
    corpus = {
        "recipe": recipe.corpus.recorded(),
        "files": _hashes(files),
        "excluded": hashlib.sha256("\n".join(sorted(steps.excluded)).encode()).hexdigest(),
        "seed": recipe.seed,
        "threads": recipe.threads,
    }
    teacher = recipe.teacher.recorded() | {"sha256": steps.teacher.sha256}
    if steps.teacher.pooling is not Pooling.MEAN:  # the mean goes without saying: older runs stay as good as they were
        teacher["pooling"] = steps.teacher.pooling.value
    if recipe.teacher.companions:
        teacher["identities"] = [one.system.identity for one in steps.companions]
    if recipe.teacher.tasks:
        patterns = [pattern for task in recipe.teacher.tasks for pattern in task.files]
        teacher["task_files"] = _hashes(find_files(patterns, steps.data))
    if recipe.teacher.task_layer_steps:
        teacher["temperature"] = recipe.distillation.temperature  # of the task that its layer is fitted to
    vocabulary, student = recipe.vocabulary.model_dump(mode="json"), recipe.student.recorded()
    if steps.start is not None:
        vocabulary["start"] = student["start"] = steps.start.manifest.revision
    evaluation = recipe.evaluation.recorded() | {"measured": steps.has_benchmark}
    gates = recipe.gates.model_dump(mode="json")
    quality = gates.pop("quality")
    return (
        Stage("corpus", corpus, steps.corpus_stage),
        Stage("teacher", teacher, steps.teacher_stage),
        Stage("vocabulary", vocabulary, steps.vocabulary_stage),
        Stage("student", student, steps.student_stage),
        Stage("distillation", distillation_inputs(recipe), steps.distillation_stage, shared=True),
        Stage("quantization", recipe.quantization.model_dump(mode="json"), steps.quantization_stage),
        Stage("export", recipe.export.model_dump(mode="json") | gates, steps.export_stage),
        Stage("artifact", {"name": recipe.name}, steps.artifact_stage),
        Stage("evaluation", evaluation, steps.evaluation_stage),
        Stage("publication", {"quality": quality} | recipe.card.recorded(), steps.publication_stage),
        Stage("report", {"seed": recipe.seed}, steps.report_stage),
    )


def _hashes(files: Sequence[Path]) -> dict[str, str]:
    """SHA-256 by a file's name, with its folders where another has the same."""
    names = Counter(path.name for path in files)
    return {path.name if names[path.name] == 1 else path.as_posix(): file_sha256(path) for path in files}


def make_deterministic(threads: int) -> None:
    """Make torch give the same weights in every run on machines of a kind: sums are split by the number of threads."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
