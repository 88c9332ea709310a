"""06-comparison: measure a head on the released encoder, the pack and the model as the service serves them.

Writes `classifiers/`, a folder for `EDGE_RANK_HEADS`, and `comparison.json`.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from model_build.common.atomic import write_json
from model_build.common.errors import RunError
from model_build.evaluation.metrics import percentile_interval
from model_build.heads.data import Examples
from model_build.heads.fit import fit_head
from model_build.heads.publish import publish_head
from model_build.report.task.contents import WayRow
from model_build.run.context import ARTIFACT
from model_build.run.stage import spent_seconds, stage_folder
from model_build.tasks.context import NAMES, TaskContext
from model_build.tasks.stages.pack import PACK
from model_build.tasks.stages.teacher import DETAILS, load_figures
from model_build.tasks.target import Quality
from service.encoder.base import Encoding, Row
from service.encoder.onnx import OnnxEncoder
from service.heads.classifier import Classifier, Facts
from service.heads.loading import load_heads
from service.heads.opening import opened

CLASSIFIERS, COMPARISON = "classifiers", "comparison.json"
_FOLDS, _TIMED, _AT_ONCE = 5, 100, 64
_SMALLEST = 1e-12
_STAGES = {"pack": "pack", "model": "distillation"}  # that train them


@dataclass(frozen=True, kw_only=True)
class Way(WayRow):
    """One way to ship a task, measured on the last split that there is.

    Attributes:
        split: that split; of so many `examples`.
        metric: what `value` is; see `Quality`.
    """

    split: str
    examples: int
    metric: str


def inputs(context: TaskContext) -> dict[str, object]:
    """The name."""
    return {"name": context.recipe.name}


def run(context: TaskContext, folder: Path) -> None:
    """Collect the three and measure them."""
    classifiers = folder / CLASSIFIERS
    shutil.rmtree(classifiers, ignore_errors=True)  # left by an interrupted attempt
    classifiers.mkdir()
    if context.recipe.task.labels == "classes":
        _fit_head(context, classifiers)
    for place, name in (("artifact", ARTIFACT), ("pack", PACK)):
        if (made := context.folder_of(place) / name).is_dir():
            shutil.copytree(made, classifiers / name)
    encoder = OnnxEncoder(context.initial)
    served = opened(load_heads(classifiers, context.initial.manifest), encoder)
    qualities: dict[str, Quality] = {one.facts.type: _measure(one, encoder, context) for one in served.values()}
    teacher, (name, split) = _teacher(context), context.task.reported
    baseline = context.target.baseline(context.values(name))
    ways = [teacher]
    for one in served.values():
        way = _way(one.facts, qualities, name)
        kept = (way.value - baseline) / max(teacher.value - baseline, _SMALLEST)
        milliseconds, seconds = round(_milliseconds(one, encoder, split), 3), _seconds(context, _STAGES.get(way.way))
        ways.append(replace(way, kept=kept, milliseconds=milliseconds, seconds=seconds))
    for way in ways:
        context.journal.event("comparison", "measured", **asdict(way))
    write_json(folder / COMPARISON, [asdict(way) for way in ways])


def load_comparison(folder: Path) -> list[Way]:
    """Read what the stage measured."""
    return [Way(**way) for way in json.loads((folder / COMPARISON).read_text(encoding="utf-8"))]


def find_comparison(run: Path) -> list[Way]:
    """Read what a run measured.

    Raises:
        RunError: it is no finished run of a task model.
    """
    try:
        return load_comparison(stage_folder(run, NAMES, "comparison"))
    except (OSError, ValueError, TypeError):
        raise RunError(f"{run} is no finished run of a task model; model-build run makes one") from None


def _fit_head(context: TaskContext, classifiers: Path) -> None:
    """Fit a linear head to the released encoder's vectors, as `model-build fit-head` does."""
    task, name = context.task, f"{context.recipe.name}-head"
    fitted = fit_head(
        context.initial,
        task.data,
        name,
        teacher=None,
        folds=_FOLDS,
        seed=context.recipe.seed,
        progress=Progress(disable=True),
    )
    publish_head(
        classifiers / "head",
        context.initial.manifest,
        fitted.weights,
        name=name,
        kind=task.kind,
        classes=fitted.probe.fit.head.classes,
        training=fitted.training,
        figures=fitted.figures,
    )


def _teacher(context: TaskContext) -> Way:
    name, split = context.task.reported
    figures: dict[str, Any] = load_figures(context.folder_of("teacher"))
    details = figures.get(DETAILS, {}).get(name, {})
    return Way(
        way="teacher",
        split=name,
        examples=len(split),
        metric=context.target.metric,
        value=float(figures[name]),
        seconds=_seconds(context, "teacher"),
        **details,
    )


def _way(facts: Facts, qualities: Mapping[str, Quality], split: str) -> Way:
    quality, head = qualities[facts.type], qualities.get("head")
    ahead = None
    if head is not None and facts.type != "head":
        interval = percentile_interval(quality.resampled - head.resampled)
        ahead = (quality.value - head.value, interval.low, interval.high)
    return Way(
        way=facts.type,
        split=split,
        examples=quality.examples,
        metric=quality.metric,
        value=quality.value,
        low=quality.interval.low,
        high=quality.interval.high,
        more=quality.more,
        ahead=ahead,
        bytes=facts.bytes,
    )


def _seconds(context: TaskContext, stage: str | None) -> float | None:
    """What a stage took; None for no stage, or one that is not done."""
    return None if stage is None else spent_seconds(context.folder, NAMES).get(stage)


def _measure(classifier: Classifier, encoder: OnnxEncoder, context: TaskContext) -> Quality:
    """Metrics of what a classifier gives as it is served."""
    name, split = context.task.reported
    inputs = _inputs(split)
    given = np.concatenate(
        [_given(classifier, encoder, inputs[start : start + _AT_ONCE]) for start in range(0, len(inputs), _AT_ONCE)]
    )
    if classifier.facts.classes:
        order = [classifier.facts.classes.index(label) for label in context.task.classes]
        given = np.log(np.maximum(given[:, order], _SMALLEST))
    return context.target.measure(given, context.values(name), context.recipe.seed)


def _milliseconds(classifier: Classifier, encoder: OnnxEncoder, split: Examples) -> float:
    inputs = _inputs(split)
    seconds = []
    for one in inputs[: _TIMED + 1]:
        started = time.perf_counter()
        _given(classifier, encoder, [one])
        seconds.append(time.perf_counter() - started)
    return 1e3 * float(np.median(seconds[1:]))


def _inputs(split: Examples) -> list[tuple[str, ...]]:
    return list(zip(*split.columns, strict=True))


def _given(classifier: Classifier, encoder: OnnxEncoder, inputs: Sequence[tuple[str, ...]]) -> NDArray[np.float64]:
    """Probabilities `[inputs, classes]`, or grades `[inputs, 1]`."""
    asked = [one[0] for one in inputs] if classifier.facts.kind == "text" else inputs
    encoded = classifier.encoded(asked)
    encoding: Encoding
    if classifier.encoder is None:
        encoding = encoder.encode([str(one) for one in encoded])
    else:
        encoding = classifier.encoder.encode([one.texts for one in encoded if isinstance(one, Row)])
    return classifier.outputs(encoding)
