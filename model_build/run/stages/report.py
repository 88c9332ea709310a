"""What a build says of itself: the artifact's training record, its byte table, and the report's contents."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from model_build import __version__
from model_build.corpus.build import Corpus
from model_build.evaluation import EvaluationResult
from model_build.quantization.schemes import format_of, matrices, module_bytes, vector_parameters
from model_build.recipe import Recipe
from model_build.report import CurvePoint, ParityRow, Report, SensitivityRow, StageTime, VocabularyRow, byte_rows
from model_build.student.fuse import DeviceStudent
from model_build.teacher.ensemble import Companion
from model_build.teacher.model import Teacher
from service.artifact.artifact import (
    Artifact,
    Manifest,
    ModuleScheme,
    Training,
    TrainingCompanion,
    TrainingSource,
)


def module_schemes(device: DeviceStudent, schemes: Mapping[str, str]) -> dict[str, ModuleScheme]:
    """Scheme and bytes of each module, and of what stays float32 in all of them."""
    table: dict[str, ModuleScheme] = {}
    sizes = module_bytes(device, schemes)
    for module, layers in matrices(device).items():
        formats = dict.fromkeys(format_of(name, schemes[module]) for name, _ in layers)
        parameters = sum(layer.get_parameter("weight").numel() for _, layer in layers)
        table[module] = ModuleScheme(scheme="; rest ".join(formats), parameters=parameters, bytes=sizes[module])
    rest = vector_parameters(device)
    table["biases, norms"] = ModuleScheme(scheme="float32", parameters=rest, bytes=4 * rest)
    return table


def training_of(
    recipe: Recipe, teacher: Teacher, companions: Sequence[Companion], corpus: Corpus, start: Artifact | None
) -> Training:
    """The artifact's training record; what trained the artifact that it starts with trained it too."""
    distillation = recipe.distillation
    halves = [
        name
        for name, on in (
            ("parameter integration", distillation.parameter_integration),
            ("mutual interplay", distillation.mutual_interplay),
        )
        if on
    ]
    method = f"cross-distillation ({' and '.join(halves)})" if halves else "one-way distillation"
    return Training(
        teacher=recipe.teacher.model,
        teacher_sha256=teacher.sha256,
        companions=tuple(
            TrainingCompanion(model=one.recipe.model, weight=one.recipe.weight, identity=one.system.identity)
            for one in companions
        ),
        objective=f"{method}, {distillation.steps} steps of {distillation.batch_texts} texts",
        start=f"{start.manifest.revision[:12]}: {start.manifest.training.objective}" if start else None,
        seed=recipe.seed,
        tool=f"model-build {__version__}",
        sources=_sources(corpus, start),
    )


def build_report(
    recipe: Recipe,
    folder_of: Callable[[str], Path],
    manifest: Manifest,
    evaluation: EvaluationResult | None,
    seconds: Mapping[str, float],
) -> Report:
    """Gather what the stages of a run found; `folder_of` tells where a stage worked."""
    return Report(
        name=recipe.name,
        recipe=recipe.model_dump_json(indent=1),
        device_bytes=manifest.device_bytes,
        byte_budget=manifest.byte_budget,
        bytes=byte_rows(manifest),
        vocabulary=tuple(vocabulary_row(row) for row in _rows(folder_of("vocabulary") / "coverage.json")),
        curve=tuple(
            CurvePoint(int(point["step"]), {name: value for name, value in point.items() if name != "step"})
            for point in _rows(folder_of("distillation") / "curve.json")
        ),
        sensitivity=tuple(
            SensitivityRow(row["module"], row["scheme"], row["mean_cosine"], row["mean_cosine"] - 1.0)
            for row in _rows(folder_of("quantization") / "sensitivity.json")
        ),
        parity=tuple(
            ParityRow(row["name"], row["maximum_difference"], row["rank_correlation"], row["threshold"], row["passed"])
            for row in _rows(folder_of("export") / "parity.json")
        ),
        stages=tuple(StageTime(stage, spent) for stage, spent in seconds.items()),
        evaluation=evaluation.with_artifact_bytes(manifest.device_bytes) if evaluation else None,
    )


def vocabulary_row(row: Mapping[str, Any]) -> VocabularyRow:
    """A row of the report's, of one that `vocabulary.coverage` measured."""
    return VocabularyRow(row["method"], row["size"], row["pieces_per_word"], row["unknown_rate"], row["whole_words"])


def _sources(corpus: Corpus, start: Artifact | None) -> tuple[TrainingSource, ...]:
    """A corpus's files, and those of the artifact that training started with; of a file in both, the texts add up."""
    table = {(one.name, one.sha256): one for one in (start.manifest.training.sources if start else ())}
    for one in corpus.sources:
        before = table.get((one.name, one.sha256))
        texts = one.texts + (before.texts if before else 0)
        table[one.name, one.sha256] = TrainingSource(name=one.name, texts=texts, sha256=one.sha256, licence=one.licence)
    return tuple(table.values())


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
