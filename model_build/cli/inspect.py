"""`model-build inspect`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model_build.cli.errors import one_line_errors
from service.artifact.artifact import load_artifact

WIDTH = 150  # characters of a line where the output is no terminal, so that no cell is broken


def add_inspect_command(app: typer.Typer) -> None:
    """Register `inspect`."""
    app.command("inspect")(inspect_command)


def inspect_command(
    folder: Annotated[Path, typer.Argument(help="The folder of an artifact or a head.", metavar="ARTIFACT")],
    *,
    recipe: Annotated[
        Path | None, typer.Option(help="The artifact's recipe: its quality gates are shown beside the figures.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON document instead of tables.")] = False,
) -> None:
    """Verify an artifact or a head, and print its bytes, its modules, where it came from and how well it did."""
    with one_line_errors():
        # The report's modules take a second to import; --help need not wait for them.
        from model_build.cli.inspect_document import artifact_json  # noqa: PLC0415
        from model_build.cli.inspect_head_tables import head_tables  # noqa: PLC0415
        from model_build.cli.inspect_tables import artifact_tables  # noqa: PLC0415
        from model_build.export.gates import gates_of  # noqa: PLC0415
        from model_build.recipe import load_recipe  # noqa: PLC0415
        from service.heads.loading import HEAD, load_head  # noqa: PLC0415

        if (folder / HEAD).is_file():
            head = load_head(folder).manifest
            document, tables = head.model_dump_json(indent=1), head_tables(head)
        else:
            manifest = load_artifact(folder).manifest
            gates = gates_of(manifest, None if recipe is None else load_recipe(recipe))
            document, tables = artifact_json(manifest, gates), artifact_tables(manifest, gates)
    if json:
        typer.echo(document)
        return
    console = Console()
    out = console if console.is_terminal else Console(width=WIDTH)
    for table in tables:
        out.print(table)
