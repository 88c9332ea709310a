"""10-publication: complete the artifact with its figures and card.

Writes `artifact/`; with tasks `heads/NAME/`, the first task's classifier.
"""

import shutil
from pathlib import Path

from model_build.common.tsv import find_files
from model_build.corpus.pairs import PairTasks
from model_build.export.artifact import seal
from model_build.export.gates import check_quality
from model_build.heads.pairs import TEACHER, publish_reused
from model_build.report.model_card import render_model_card, write_card
from model_build.run.context import ARTIFACT, Context
from model_build.run.stages.evaluation import load_device_classifier, load_heads, load_result
from model_build.run.stages.report import build_report
from service.artifact.artifact import Figure, Manifest


def inputs(context: Context) -> dict[str, object]:
    """The quality gates and the card's section."""
    return {"quality": context.recipe.gates.quality} | context.recipe.card.model_dump(mode="json")


def run(context: Context, folder: Path) -> None:
    """Complete the artifact; the quality gates must hold."""
    recipe, result = context.recipe, load_result(context)
    check_quality(recipe.gates.quality, result, recipe.name)
    shutil.rmtree(folder / ARTIFACT, ignore_errors=True)  # left by an interrupted attempt
    shutil.copytree(context.folder_of("artifact") / ARTIFACT, folder / ARTIFACT)
    manifest = Manifest.model_validate_json((folder / ARTIFACT / "manifest.json").read_bytes())
    quality = result.figures(recipe.name) if result else ()
    manifest = manifest.model_copy(update={"quality": (*quality, *_pair_figures(context))})
    report = build_report(recipe, context.folder_of, manifest, result, {})
    write_card(folder / ARTIFACT, manifest, render_model_card(manifest, report, recipe.card))
    manifest = seal(folder / ARTIFACT, manifest)
    if context.tasks:
        _publish_head(context, context.tasks, manifest, folder)


def published(context: Context) -> Path:
    """Return the folder of the finished artifact."""
    return context.folder_of("publication") / ARTIFACT


def _pair_figures(context: Context) -> list[Figure]:
    """The accuracies of the pair classifiers on the device's vectors, for manifest and card."""
    rows = load_heads(context) if context.tasks else []
    return [
        Figure(
            task=f"{row.task}, {row.head}",
            metric="accuracy",
            value=row.accuracy,
            split=row.split,
            examples=row.pairs,
        )
        for row in rows
        if row.head != TEACHER
    ]


def _publish_head(context: Context, tasks: PairTasks, manifest: Manifest, folder: Path) -> None:
    publish_reused(
        load_device_classifier(context),
        tasks,
        manifest,
        find_files(context.recipe.teacher.tasks[0].files, context.data),
        load_heads(context),
        folder / "heads" / tasks.names[0],
        context.recipe.seed,
    )
