"""04-artifact: quantize, calibrate and measure the student, and assemble the artifact.

Writes `artifact/` and `figures.json`.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from model_build import __version__
from model_build.common.atomic import write_json
from model_build.common.errors import GateError
from model_build.common.templates import render
from model_build.export.artifact import Contents, assemble, seal
from model_build.export.licences import text_terms
from model_build.heads.logistic import Logits
from model_build.quantization.schemes import module_schemes, quantized, schemes_of
from model_build.report.model_card import OTHER, number_formats, write_card
from model_build.run.context import ARTIFACT
from model_build.tasks.context import TaskContext
from model_build.tasks.export import export, graph_logits
from model_build.tasks.stages.distillation import load_device
from model_build.tasks.stages.teacher import load_figures
from model_build.tasks.target import Classes, Quality
from model_build.tasks.trainer import logits_of
from service.artifact.artifact import (
    LICENCE,
    Figure,
    Manifest,
    Training,
    TrainingSource,
)

GRAPH, FIGURES = "int8.onnx", "figures.json"


@dataclass(frozen=True)
class Measured:
    """A model's metrics on a split; see `Quality`."""

    who: str
    split: str
    examples: int
    metric: str
    value: float
    low: float
    high: float
    more: Mapping[str, float]

    @classmethod
    def of(cls, who: str, split: str, quality: Quality) -> "Measured":
        """Take what is shown of metrics."""
        interval = quality.interval
        return cls(
            who, split, quality.examples, quality.metric, quality.value, interval.low, interval.high, quality.more
        )


def inputs(context: TaskContext) -> dict[str, object]:
    """The name, the gates and the card's section."""
    recipe = context.recipe
    return {
        "name": recipe.name,
        "gates": recipe.gates.model_dump(mode="json"),
        "card": recipe.card.model_dump(mode="json"),
        "licence": recipe.task.licence,
    }


def run(context: TaskContext, folder: Path) -> None:
    """Make the artifact; the gates must hold."""
    recipe, task, target, device = context.recipe, context.task, context.target, load_device(context)
    schemes, dev = schemes_of(recipe.quantization), context.rows(task.dev)
    logits = logits_of(quantized(device, schemes), dev, target.outputs)
    scale = target.finish(device.head, logits, context.values("dev"))
    export(device, schemes, dev, recipe.gates.export_difference, folder / GRAPH)
    measured = [
        _measure(context, f"{recipe.name}, before rounding", "dev", logits_of(device, dev, target.outputs)),
        *_splits(context, folder / GRAPH),
    ]
    for row in measured:
        context.journal.event("artifact", "measured", **asdict(row))
    write_json(folder / FIGURES, [asdict(row) for row in measured])
    _check_quality(context, measured)
    contents = Contents(
        name=recipe.name,
        graph=folder / GRAPH,
        tokens=context.tokens,
        rules=context.initial.manifest.tokenizer,
        config=device.encoder.config,
        dimension=target.outputs,
        quantization=module_schemes(device, schemes),
        byte_budget=recipe.gates.byte_budget,
        training=_training(context, scale),
        task=target.record(task.kind),
    )
    shutil.rmtree(folder / ARTIFACT, ignore_errors=True)  # left by an interrupted attempt
    manifest = assemble(contents, folder / ARTIFACT)
    manifest = manifest.model_copy(update={"quality": tuple(_figure(row) for row in measured[1:])})
    _write_card(context, manifest, measured, folder / ARTIFACT)
    manifest = seal(folder / ARTIFACT, manifest)
    context.journal.event("artifact", "assembled", device_bytes=manifest.device_bytes)


def load_measured(folder: Path) -> list[Measured]:
    """The rows that the stage measured."""
    return [Measured(**row) for row in json.loads((folder / FIGURES).read_text(encoding="utf-8"))]


def _splits(context: TaskContext, graph: Path) -> list[Measured]:
    """The released graph's metrics on dev and, if there is one, test."""
    return [
        _measure(context, context.recipe.name, name, graph_logits(graph, context.rows(split)))
        for name, split in context.task.splits.items()
        if name != "train"
    ]


def _measure(context: TaskContext, who: str, split: str, logits: Logits) -> Measured:
    quality = context.target.measure(logits, context.values(split), context.recipe.seed)
    return Measured.of(who, split, quality)


def _check_quality(context: TaskContext, measured: list[Measured]) -> None:
    """Check the gates `dev` and `test`: the least accuracy, or correlation, of the released graph on that split.

    Raises:
        GateError: one does not hold, or names another split.
    """
    rows = {row.split: row for row in measured[1:]}
    for split, least in context.recipe.gates.quality.items():
        if (row := rows.get(split)) is None:
            raise GateError(f"gates.quality.{split} asks for {least}; the measured splits are {', '.join(rows)}")
        if row.value < least:
            raise GateError(f"{split}: {row.metric} is {row.value:.4f}; gates.quality.{split} asks for {least}")


def _figure(row: Measured) -> Figure:
    task = "classification" if row.metric == Classes.metric else "grading"
    return Figure(task=task, metric=row.metric, value=row.value, split=row.split, examples=row.examples)


def _training(context: TaskContext, scale: str) -> Training:
    recipe, before = context.recipe, context.initial.manifest
    distillation, train = recipe.distillation, context.task.train
    own = TrainingSource(
        name=train.path.parent.name or train.path.name,
        texts=len(train),
        sha256=train.sha256,
        licence=recipe.task.licence,
    )
    return Training(
        teacher=recipe.teacher.model,
        teacher_sha256=str(load_figures(context.folder_of("teacher"))["sha256"]),
        objective=(
            f"classifier {distillation.classifier}, teacher trains {distillation.teacher_trains}, "
            f"{distillation.steps} steps of {distillation.batch_examples} examples; {scale}"
        ),
        start=f"{before.revision[:12]}: {before.training.objective}",
        seed=recipe.seed,
        tool=f"model-build {__version__}",
        sources=(*before.training.sources, own),
    )


def _write_card(context: TaskContext, manifest: Manifest, measured: list[Measured], folder: Path) -> None:
    terms = text_terms(manifest.training.sources)
    modules = {module: number_formats(row.scheme) for module, row in manifest.quantization.items()}
    teacher = load_figures(context.folder_of("teacher"))
    card = render(
        "task_card.md.j2",
        {
            "manifest": manifest,
            "licence": context.recipe.card.licence if terms.free else OTHER,
            "licence_file": None if terms.free else LICENCE,
            "terms": terms,
            "language": context.recipe.card.language,
            "modules": modules,
            "measured": measured,
            "teacher": {split: value for split, value in teacher.items() if split in ("dev", "test")},
            "files": [(name, manifest.files[name].bytes) for name in manifest.device_files],
        },
    )
    write_card(folder, manifest, card)
