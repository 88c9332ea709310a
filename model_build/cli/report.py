"""`model-build report`, `family`, `card` and `retokenize`: pages of what was measured before, and what is made anew."""

from pathlib import Path
from typing import Annotated

import typer

from model_build.cli.errors import one_line_errors
from service.artifact.artifact import load_artifact


def add_report_commands(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(report)
    app.command()(family)
    app.command()(card)
    app.command()(retokenize)


def report(run: Annotated[Path, typer.Argument(help="The folder of a finished run.")]) -> None:
    """Write a run's report anew, of what the run has kept: nothing is measured."""
    with one_line_errors():
        from model_build.report import load_report, write_report  # noqa: PLC0415
        from model_build.run.context import NAMES  # noqa: PLC0415 (torch takes seconds to import)
        from model_build.run.stage import stage_folder  # noqa: PLC0415

        folder = stage_folder(run, NAMES, "report")
        write_report(load_report(folder), folder)
        typer.echo(folder / "report.html")


def family(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE...", help="Files of `evaluate --json`, and folders of finished runs."),
    ],
    *,
    output: Annotated[Path, typer.Option(help="The folder that the page is written into.")],
) -> None:
    """Plot models of several sizes by bytes and quality, beside all that they were measured with."""
    with one_line_errors():
        from model_build.report.family import merged, read_evaluation, write_family  # noqa: PLC0415

        write_family(merged([read_evaluation(source) for source in sources]), output)
        typer.echo(output / "family.html")


def card(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Where to publish the artifact with its new card. [ARTIFACT]")
    ] = None,
    head: Annotated[
        list[Path] | None,
        typer.Option(
            help="The folder of a head on the artifact's vectors, to be bound to its new revision; repeatable."
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(help="The model's, as hubs have it, where its texts allow any use. [what the card has]"),
    ] = None,
) -> None:
    """Write an artifact's card anew, of its manifest and of the figures that the card has, and publish it."""
    with one_line_errors():
        from model_build.export.renewal import renew_card  # noqa: PLC0415 (transformers takes seconds to import)

        made = renew_card(load_artifact(artifact), out or artifact, head or (), licence)
        typer.echo(f"{out or artifact}: {made.device_bytes:,} device bytes, revision {made.revision[:12]}")


def retokenize(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    version: Annotated[
        int, typer.Option(min=1, max=2, help="Of the rules of splitting (docs/reference/artifact.md).")
    ] = 2,
    out: Annotated[
        Path | None, typer.Option(help="Where to publish the artifact with its new rules. [ARTIFACT]")
    ] = None,
) -> None:
    """Have an artifact split texts by other rules, and publish it; heads on its vectors are to be fitted anew."""
    with one_line_errors():
        from model_build.export.retokenize import retokenize as publish_retokenized  # noqa: PLC0415 (transformers takes seconds to import)

        made = publish_retokenized(load_artifact(artifact), version, out or artifact)
        typer.echo(f"{out or artifact}: {made.device_bytes:,} device bytes, revision {made.revision[:12]}")
