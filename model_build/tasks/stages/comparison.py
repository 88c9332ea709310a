"""06-comparison: measure a head on the released encoder, the pack and the model as the service serves them.

Writes `classifiers/`, a folder for `EDGE_RANK_HEADS`, and `comparison.json`.
"""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.progress import Progress

from model_build.common.atomic import write_json
from model_build.evaluation.metrics import Interval
from model_build.heads.data import Examples
from model_build.heads.fit import fit_head
from model_build.heads.metrics import Metrics, measure
from model_build.heads.publish import publish_head
from model_build.run.context import ARTIFACT
from model_build.tasks.context import TaskContext
from model_build.tasks.stages.pack import PACK
from model_build.tasks.stages.teacher import load_figures
from service.encoder.base import Encoding, Row
from service.encoder.onnx import OnnxEncoder
from service.heads.classifier import Classifier
from service.heads.loading import load_heads
from service.heads.opening import opened

CLASSIFIERS, COMPARISON = "classifiers", "comparison.json"
_FOLDS, _TIMED, _AT_ONCE = 5, 100, 64
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Way:
    """One way to ship a task, measured on the last split that there is.

    Attributes:
        way: `head`, `pack`, `model`, or `teacher`, which is not served.
        bytes: added to a device that has the released encoder; of a model, its own.
        kept: (accuracy - majority) / (teacher's accuracy - majority).
        milliseconds: median time of one input alone, on one core.
    """

    way: str
    split: str
    examples: int
    accuracy: float
    low: float | None = None
    high: float | None = None
    macro_f1: float | None = None
    calibration_error: float | None = None
    kept: float | None = None
    bytes: int | None = None
    milliseconds: float | None = None


def inputs(context: TaskContext) -> dict[str, object]:
    """The name."""
    return {"name": context.recipe.name}


def run(context: TaskContext, folder: Path) -> None:
    """Collect the three and measure them."""
    classifiers = folder / CLASSIFIERS
    shutil.rmtree(classifiers, ignore_errors=True)  # left by an interrupted attempt
    classifiers.mkdir()
    _fit_head(context, classifiers)
    for place, name in (("artifact", ARTIFACT), ("pack", PACK)):
        if (made := context.folder_of(place) / name).is_dir():
            shutil.copytree(made, classifiers / name)
    encoder = OnnxEncoder(context.initial)
    served = opened(load_heads(classifiers, context.initial.manifest), encoder)
    name, split = ("test", context.task.test) if context.task.test else ("dev", context.task.dev)
    teacher = float(str(load_figures(context.folder_of("teacher"))[name]))
    majority = max(np.unique(split.labels, return_counts=True)[1]) / len(split)
    ways = [Way("teacher", name, len(split), teacher)]
    for one in served.values():
        metrics = _measure(one, encoder, split, context)
        interval: Interval = metrics.interval
        ways.append(
            Way(
                way=one.facts.type,
                split=name,
                examples=metrics.examples,
                accuracy=metrics.accuracy,
                low=interval.low,
                high=interval.high,
                macro_f1=metrics.macro_f1,
                calibration_error=metrics.calibration_error,
                kept=float((metrics.accuracy - majority) / max(teacher - majority, _SMALLEST)),
                bytes=one.facts.bytes,
                milliseconds=round(_milliseconds(one, encoder, split), 3),
            )
        )
    for way in ways:
        context.journal.event("comparison", "measured", **asdict(way))
    write_json(folder / COMPARISON, [asdict(way) for way in ways])


def load_comparison(folder: Path) -> list[Way]:
    """Read what the stage measured."""
    return [Way(**way) for way in json.loads((folder / COMPARISON).read_text(encoding="utf-8"))]


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


def _measure(classifier: Classifier, encoder: OnnxEncoder, split: Examples, context: TaskContext) -> Metrics:
    """Metrics of a classifier's probabilities of a split."""
    inputs = _inputs(split)
    probabilities = np.concatenate(
        [
            _probabilities(classifier, encoder, inputs[start : start + _AT_ONCE])
            for start in range(0, len(inputs), _AT_ONCE)
        ]
    )
    order = [classifier.facts.classes.index(label) for label in context.task.classes]
    logits = np.log(np.maximum(probabilities[:, order], _SMALLEST))
    return measure(logits, split.labels, context.task.classes, seed=context.recipe.seed)


def _milliseconds(classifier: Classifier, encoder: OnnxEncoder, split: Examples) -> float:
    inputs = _inputs(split)
    seconds = []
    for one in inputs[: _TIMED + 1]:
        started = time.perf_counter()
        _probabilities(classifier, encoder, [one])
        seconds.append(time.perf_counter() - started)
    return 1e3 * float(np.median(seconds[1:]))


def _inputs(split: Examples) -> list[tuple[str, ...]]:
    return list(zip(*split.columns, strict=True))


def _probabilities(classifier: Classifier, encoder: OnnxEncoder, inputs: Sequence[tuple[str, ...]]) -> np.ndarray:
    asked = [one[0] for one in inputs] if classifier.facts.kind == "text" else inputs
    encoded = classifier.encoded(asked)
    encoding: Encoding
    if classifier.encoder is None:
        encoding = encoder.encode([str(one) for one in encoded])
    else:
        encoding = classifier.encoder.encode([one.texts for one in encoded if isinstance(one, Row)])
    return classifier.probabilities(encoding)
