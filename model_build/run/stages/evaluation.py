"""09-evaluation: measure the artifact on test splits, through the encoder that serves it.

Writes `evaluation.json` (null without a benchmark); with tasks `heads.json`.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from model_build.common.atomic import write_json
from model_build.corpus.pairs import PairTasks
from model_build.distillation.pair_batches import TASKS
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.result import EvaluationResult, from_json, to_json
from model_build.evaluation.systems import registry
from model_build.evaluation.systems.artifact import artifact_system
from model_build.heads.pairs import TEACHER, HeadRow, as_linear, compare_heads, measure_heads
from model_build.run.context import ARTIFACT, Context
from model_build.run.stages.distillation import load_distilled
from model_build.student.fuse import device_classifier, lift
from model_build.teacher.embed import VECTORS, embed_texts
from model_build.teacher.finetune import fine_tuned, load_classifier
from model_build.teacher.model import folder_of
from model_build.teacher.pair_classifier import PairClassifier
from model_build.teacher.system import TeacherSystem
from service.artifact.artifact import load_artifact

HEADS = "heads.json"
EVALUATED = "evaluated"
"""The folder, beside those of the stages, that caches vectors between evaluations."""


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section, and whether there is a benchmark."""
    return context.recipe.evaluation.model_dump(mode="json") | {"measured": context.has_benchmark}


def run(context: Context, folder: Path) -> None:
    """Measure the artifact beside its fp32 reference, its teachers and baselines."""
    if context.tasks:
        _measure_pairs(context, context.tasks, folder)
    if not context.is_measured:
        context.journal.event("evaluation", "left out", reason="no benchmark in the data folder, or no tasks named")
        write_json(folder / "evaluation.json", None)
        return
    recipe = context.recipe
    baselines = recipe.evaluation.baselines
    fp32 = context.folder_of("export") / "fp32.onnx"
    systems = registry.systems(
        context.folder_of("artifact") / ARTIFACT,
        fp32=fp32 if fp32.is_file() else None,
        teachers=[_teacher_system(context), *(one.system for one in context.ensemble)] if baselines else [],
        baselines=baselines,
        seed=recipe.seed,
    )
    tasks, cache = recipe.evaluation.tasks, context.folder / EVALUATED
    result = evaluate(systems, context.data, tasks, seed=recipe.seed, cache=cache)
    (folder / "evaluation.json").write_text(to_json(result), encoding="utf-8")


def load_result(context: Context) -> EvaluationResult | None:
    """Load the benchmark's figures, if there are any."""
    text = (context.folder_of("evaluation") / "evaluation.json").read_text(encoding="utf-8")
    return from_json(text) if json.loads(text) is not None else None


def load_heads(context: Context) -> list[HeadRow]:
    """Load the figures of the pair classifiers."""
    rows = json.loads((context.folder_of("evaluation") / HEADS).read_text(encoding="utf-8"))
    return [HeadRow(**row) for row in rows]


def load_device_classifier(context: Context) -> PairClassifier:
    """Load the student's pair classifier, carried over to the device's vectors."""
    student = load_distilled(context)
    assert student.pair_classifier is not None  # noqa: S101 (narrows the type)
    return device_classifier(student.pair_classifier, lift(student))


def _measure_pairs(context: Context, tasks: PairTasks, folder: Path) -> None:
    """Measure the teacher's classifiers on its own and on the device's vectors, and fitted heads."""
    seed, tests = context.recipe.seed, context.tests
    system = artifact_system(load_artifact(context.folder_of("artifact") / ARTIFACT))
    table = compare_heads(system, load_device_classifier(context), tasks, tests, seed)
    if tests:
        before, recipe = context.folder_of("teacher"), context.recipe.teacher
        teacher = fine_tuned(context.teacher, tasks, recipe, seed, before, context.journal)
        embed_texts(teacher, tests.texts, recipe, folder / TASKS, context.journal)
        vectors = np.load(folder / TASKS / VECTORS).astype(np.float32)
        own = {name: as_linear(load_classifier(before), number) for number, name in enumerate(tasks.names)}
        table += measure_heads("test", vectors, tests, {TEACHER: own}, seed)
    for row in table:
        context.journal.event("evaluation", "judged", **asdict(row))
    write_json(folder / HEADS, [asdict(row) for row in table])


def _teacher_system(context: Context) -> TeacherSystem:
    folder = folder_of(context.recipe.teacher.model)
    return TeacherSystem(folder, name="teacher", pooling=context.teacher.pooling)
