"""11-report: measure the device's agreement with its teacher, and write the report.

Writes `report.html`, `report.md`, `plots/`, and their contents as `report.json`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from model_build.evaluation.agreement import Agreement, measure_agreement
from model_build.evaluation.result import EvaluationResult
from model_build.evaluation.systems.artifact import artifact_system
from model_build.export.byte_table import byte_rows
from model_build.recipe import Recipe
from model_build.report.contents import CurvePoint, ParityRow, Report, SensitivityRow, StageTime, VocabularyRow
from model_build.report.write import save_report, write_report
from model_build.run.context import ARTIFACT, NAMES, Context
from model_build.run.stage import spent_seconds
from model_build.run.stages.evaluation import load_result
from model_build.teacher.targets import heldout_targets
from model_build.vocabulary.coverage import coverage_curve
from model_build.vocabulary.importance import load_importance
from service.artifact.artifact import Manifest, load_artifact


def inputs(context: Context) -> dict[str, object]:
    """The seed."""
    return {"seed": context.recipe.seed}


def run(context: Context, folder: Path) -> None:
    """Write the report of the run."""
    artifact = context.folder_of("publication") / ARTIFACT
    manifest = Manifest.model_validate_json((artifact / "manifest.json").read_bytes())
    seconds = spent_seconds(context.folder, NAMES)
    report = build_report(context.recipe, context.folder_of, manifest, load_result(context), seconds)
    report = replace(report, agreement=_agreement(context, artifact), coverage=_coverage(context))
    save_report(report, folder)
    write_report(report, folder)


def build_report(
    recipe: Recipe,
    folder_of: Callable[[str], Path],
    manifest: Manifest,
    evaluation: EvaluationResult | None,
    seconds: Mapping[str, float],
) -> Report:
    """Gather the results of a run's stages; `folder_of` returns a stage's folder."""
    return Report(
        name=recipe.name,
        recipe=recipe.model_dump_json(indent=1),
        device_bytes=manifest.device_bytes,
        byte_budget=manifest.byte_budget,
        bytes=byte_rows(manifest),
        vocabulary=tuple(_vocabulary_row(row) for row in _rows(folder_of("vocabulary") / "coverage.json")),
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


def _agreement(context: Context, artifact: Path) -> Agreement:
    texts = context.corpus.heldout
    device = artifact_system(load_artifact(artifact))
    targets = heldout_targets(context.folder_of("teacher"), len(texts))
    return measure_agreement(texts, device.embed(texts), targets, seed=context.recipe.seed)


def _coverage(context: Context) -> tuple[VocabularyRow, ...]:
    importance, size = load_importance(context.folder_of("vocabulary")), context.recipe.vocabulary.size
    rows = coverage_curve(context.candidate_tokens, importance, size, context.corpus.heldout, context.rules)
    return tuple(_vocabulary_row(asdict(row)) for row in rows)


def _vocabulary_row(row: Mapping[str, Any]) -> VocabularyRow:
    return VocabularyRow(row["method"], row["size"], row["pieces_per_word"], row["unknown_rate"], row["whole_words"])


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
