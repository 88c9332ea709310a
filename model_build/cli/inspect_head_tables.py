"""A head as tables for a terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from model_build.cli.inspect_facts import facts_table
from service.heads.manifest import Backbone, HeadManifest


def head_tables(manifest: HeadManifest) -> Iterator[Table]:
    """All tables, in their order."""
    yield _facts(manifest)
    if manifest.training.sources:
        yield _sources(manifest)
    if manifest.figures:
        yield _figures(manifest)


def _facts(manifest: HeadManifest) -> Table:
    training = manifest.training
    chosen = f", C = {training.regularisation:g} by {training.chosen_by}" if training.regularisation else ""
    return facts_table(
        manifest.name,
        {
            "revision": manifest.revision,
            "classifies": "texts" if manifest.kind == "text" else "pairs of texts",
            "backbone": f"{manifest.backbone.name}, revision {manifest.backbone.revision}",
            "encoder": _encoder(manifest.backbone),
            "weights": f"{len(manifest.classes)} classes of {manifest.width} features; "
            f"{manifest.weights.scheme}; {manifest.weights.bytes:,} bytes",
            "method": f"{training.method}{chosen}",
            "temperature": f"{training.temperature:.3f}",
            "seed": str(training.seed),
            "built by": training.tool,
            "classes": ", ".join(manifest.classes),
        },
    )


def _encoder(backbone: Backbone) -> str:
    return "that revision's alone" if backbone.encoder_revision is None else f"revision {backbone.encoder_revision}"


def _sources(manifest: HeadManifest) -> Table:
    table = Table(title="Examples", title_justify="left")
    for heading in ("use", "file"):
        table.add_column(heading)
    for heading in ("rows", "left out"):
        table.add_column(heading, justify="right")
    table.add_column("SHA-256")
    for one in manifest.training.sources:
        table.add_row(one.use, Text(one.file), f"{one.rows:,}", f"{one.left_out:,}", one.sha256[:12])
    return table


def _figures(manifest: HeadManifest) -> Table:
    table = Table(title="Figures", title_justify="left")
    for heading in ("metric", "split"):
        table.add_column(heading)
    for heading in ("examples", "figure", "95 % interval"):
        table.add_column(heading, justify="right")
    for one in manifest.figures:
        between = "" if one.low is None or one.high is None else f"{one.low:.4f} to {one.high:.4f}"
        table.add_row(one.metric, one.split, f"{one.examples:,}", f"{one.value:.4f}", between)
    return table
