"""`model-build report`, `family`, `task-table`: pages from what was made before; `card`, `name-weights`, `retokenize`.

The last three publish an artifact anew, and train nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_build.cli.errors import one_line_errors
from model_build.common.errors import RunError
from service.artifact.artifact import MANIFEST, Manifest, load_artifact

if TYPE_CHECKING:
    from model_build.evaluation.result import EvaluationResult

_EVALUATION = "evaluation.json"


def report(run: Annotated[Path, typer.Argument(help="The folder of a finished run.")]) -> None:
    """Write a run's report again from what the run has stored, without measuring anything."""
    with one_line_errors():
        from model_build.report.task.write import load_task_report, write_task_report  # noqa: PLC0415
        from model_build.report.write import load_report, write_report  # noqa: PLC0415
        from model_build.run.context import NAMES  # noqa: PLC0415 (torch takes seconds to import)
        from model_build.run.stage import stage_folder  # noqa: PLC0415
        from model_build.tasks.context import NAMES as TASK_NAMES  # noqa: PLC0415

        if stage_folder(run, TASK_NAMES, TASK_NAMES[0]).is_dir():
            folder = stage_folder(run, TASK_NAMES, "report")
            write_task_report(load_task_report(folder), folder)
        else:
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
    """Plot models of several sizes by bytes and quality, beside everything that they were measured with."""
    with one_line_errors():
        from model_build.report.family import merged, write_family  # noqa: PLC0415

        write_family(merged([read_evaluation(source) for source in sources]), output)
        typer.echo(output / "family.html")


def task_table(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of finished runs of task models.")],
    *,
    output: Annotated[Path | None, typer.Option(help="Write the table to this file instead of printing it.")] = None,
) -> None:
    """Put the ways to ship several tasks into one table, as Markdown, from what their runs have measured."""
    with one_line_errors():
        from model_build.common.atomic import durable_file  # noqa: PLC0415
        from model_build.tasks.report import ways_markdown  # noqa: PLC0415 (torch takes seconds to import)
        from model_build.tasks.stages.comparison import find_comparison  # noqa: PLC0415

        made = ways_markdown({run.name: find_comparison(run) for run in runs})
        if output is None:
            typer.echo(made, nl=False)
            return
        with durable_file(output) as file:
            file.write(made.encode())
        typer.echo(output)


def card(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Where to publish the artifact with its new card. [ARTIFACT]")
    ] = None,
    head: Annotated[
        list[Path] | None,
        typer.Option(help="The folder of a head on the artifact's vectors, to bind to its new revision; repeatable."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(help="The model's licence on hubs, if its texts allow any use. [that of the old card]"),
    ] = None,
) -> None:
    """Write an artifact's card again, from its manifest and the metrics in the old card, and publish it."""
    with one_line_errors():
        from model_build.report.renewal import renew_card  # noqa: PLC0415 (transformers takes seconds to import)

        made = renew_card(load_artifact(artifact), out or artifact, head or (), licence)
        typer.echo(f"{out or artifact}: {made.device_bytes:,} device bytes, revision {made.revision[:12]}")


def name_weights(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Where to publish the artifact with its names. [ARTIFACT]")] = None,
    head: Annotated[
        list[Path] | None,
        typer.Option(help="The folder of a head or pack for the artifact, to bind to its new revision; repeatable."),
    ] = None,
) -> None:
    """Name the weights of an artifact of version 0.1.0 or older, so that devices find them, and publish it."""
    with one_line_errors():
        from model_build.report.renewal import name_weights as publish_named  # noqa: PLC0415 (transformers takes seconds to import)

        made = publish_named(load_artifact(artifact), out or artifact, head or ())
        typer.echo(f"{out or artifact}: {made.device_bytes:,} device bytes, revision {made.revision[:12]}")


def retokenize(
    artifact: Annotated[Path, typer.Argument(help="The artifact's folder.")],
    *,
    version: Annotated[
        int, typer.Option(min=1, max=2, help="Version of the tokenizer's rules (docs/reference/artifact.md).")
    ] = 2,
    out: Annotated[
        Path | None, typer.Option(help="Where to publish the artifact with its new rules. [ARTIFACT]")
    ] = None,
) -> None:
    """Publish an artifact with other tokenizer rules; heads on its vectors must be fitted again."""
    with one_line_errors():
        from model_build.export.retokenize import retokenize as publish_retokenized  # noqa: PLC0415 (transformers takes seconds to import)

        made = publish_retokenized(load_artifact(artifact), version, out or artifact)
        typer.echo(f"{out or artifact}: {made.device_bytes:,} device bytes, revision {made.revision[:12]}")


def read_evaluation(source: Path) -> "EvaluationResult":
    """Read an evaluation from a file of `model-build evaluate --json` or from a run's folder.

    A run's artifact gets the size that it was published with.

    Raises:
        RunError: there is none.
    """
    from model_build.evaluation.result import from_json  # noqa: PLC0415 (scikit-learn takes a second to import)
    from model_build.run.context import NAMES  # noqa: PLC0415
    from model_build.run.stage import stage_folder  # noqa: PLC0415

    if (source / MANIFEST).is_file():
        raise RunError(
            f"{source} is an artifact, which keeps no intervals; measure it: model-build evaluate {source} --json FILE"
        )
    path = stage_folder(source, NAMES, "evaluation") / _EVALUATION if source.is_dir() else source
    try:
        evaluation = from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(
            f"{path} does not exist; name a file of `model-build evaluate --json`, or a finished run"
        ) from None
    except ValueError:
        raise RunError(f"{path} is no evaluation; was anything measured there?") from None
    return evaluation.with_artifact_bytes(_published_bytes(source)) if source.is_dir() else evaluation


def _published_bytes(run: Path) -> int:
    from model_build.run.context import ARTIFACT, NAMES  # noqa: PLC0415
    from model_build.run.stage import stage_folder  # noqa: PLC0415

    path = stage_folder(run, NAMES, "publication") / ARTIFACT / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes()).device_bytes
    except FileNotFoundError:
        raise RunError(f"{run} has published no model; finish the run first") from None
